/** Whether `If-None-Match` has a tag: any of a list, weak or not (RFC 9110, 13.1.2). */
export function isKnown(etag: string | undefined, ifNoneMatch: string = ''): boolean {
  const tags = ifNoneMatch.split(',').map(strong)
  return etag !== undefined && tags.some((tag) => tag === strong(etag) || tag === '*')
}

function strong(tag: string): string {
  return tag.trim().replace(/^W\//, '')
}
