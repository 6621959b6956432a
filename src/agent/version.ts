/** A version as it is shown, of major and minor: `156.0` is `156`, `18_7` is `18.7`. */
export function shortVersion(version: string): string {
  return version.replace('_', '.').replace(/\.0*$/, '')
}

/** What stands at `Version/`: the version of Safari and of old Opera, whose product tokens say others. */
export function shownVersion(ua: string): string | undefined {
  return /\bversion\/(\d{1,6}(?:\.\d{1,6})?)/.exec(ua)?.[1]
}
