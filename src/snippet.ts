/** Where beacons of a collection are sent to, and with which key. */
export interface Snippet {
  readonly site: string
  /** Under which browsers know us. */
  readonly origin: string
  readonly key: string
}

/** The tracker's tag, to stand in pages. */
export function trackerTag({ origin, site, key }: Snippet): string {
  return `<script defer src="${origin}/s.js" data-collection="${site}" data-key="${key}"></script>`
}
