import { eventLimits } from '../event.ts'
import { cleanUrl, fitBytes, fitPage } from './url.ts'

/** What is looked at of a ping: all it says is in its headers. */
export interface PingSource {
  header(name: string): string | undefined
  readonly query: () => URLSearchParams
  /** Names of a page's query that stay with it. */
  readonly keptQuery: readonly string[]
}

/** Whether a body is that of `<a ping>` (HTML, "hyperlink auditing"), which is no JSON. */
export function isPing(text: string, { header }: PingSource): boolean {
  if (text !== 'PING') return false
  return header('ping-to') !== undefined || /^text\/ping/i.test(header('content-type') ?? '')
}

/**
 * The item of a ping: a link that was followed, and where to. The page it was followed on is told to
 * its own origin only; a page sends it to others in the `page` of its ping's URL.
 */
export function fromPing({ header, query, keptQuery }: PingSource): Readonly<Record<string, unknown>> {
  const [from, to] = [header('ping-from'), header('ping-to')]
  return {
    name: 'ping',
    page: from === undefined ? query().get('page') : fitPage(from),
    props: to === undefined ? {} : { target: fitBytes(cleanUrl(to, keptQuery), eventLimits.propValueBytes) },
  }
}
