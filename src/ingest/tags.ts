import { channelOf } from '../channel.ts'
import type { TextField } from '../event.ts'
import { maskWords } from '../page.ts'
import type { Source, Sources } from '../sources.ts'
import { cleanText } from '../text.ts'
import { put, type Step } from './making.ts'
import type { Referrer } from './referrer.ts'

/** How a visit came about, as far as it is known; `channel` always is. */
export type Tags = Partial<Record<TextField, string | undefined>> & { readonly channel: string }

/** Parameters by which ad networks mark a click. Only the name is kept: the value tells one click from all others. */
const clickIds = ['gclid', 'gbraid', 'wbraid', 'msclkid', 'fbclid', 'ttclid', 'twclid', 'li_fat_id'] as const

const wanted: ReadonlySet<string> = new Set([
  ...['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content'],
  ...['source', 'ref', 'medium', 'campaign'],
  ...clickIds,
])

const NO_MARKS: ReadonlyMap<string, string> = new Map()

/**
 * How a visit came about: as given, else from the page's query, else (source) from the referrer.
 * The raw `utm_*` are kept apart. A source that is given keeps its name; others get the one of the list.
 */
export function readTags(
  given: (name: TextField) => string | undefined,
  query: URLSearchParams | undefined,
  referrer: Referrer | undefined,
  sources: Sources,
): Tags {
  const marks = query && query.size > 0 ? marksOf(query) : NO_MARKS
  const raw = (name: TextField): string | undefined => given(name) ?? marks.get(name)
  const [utm_source, utm_medium, utm_campaign] = [raw('utm_source'), raw('utm_medium'), raw('utm_campaign')]
  const [utm_term, utm_content] = [raw('utm_term'), raw('utm_content')]
  const named = given('source')
  const tag = named ?? utm_source ?? marks.get('source') ?? marks.get('ref')
  const source = tag === undefined ? sourceOf(referrer, sources) : sources.byTag(tag)
  const medium = given('medium') ?? utm_medium ?? marks.get('medium')
  const campaign = given('campaign') ?? utm_campaign ?? marks.get('campaign')
  const click_id = given('click_id') ?? clickIdOf(marks)
  return {
    ...{ source: named ?? source?.name, medium, campaign, click_id },
    ...{ term: given('term') ?? utm_term, content: given('content') ?? utm_content },
    ...{ utm_source, utm_medium, utm_campaign, utm_term, utm_content },
    channel: given('channel') ?? channelOf({ source, medium, campaign, clickId: click_id }),
  }
}

/** Name of the parameter that marks a click on an ad, such as `gclid`; the first of the list if there are several. */
export function clickIdOf(query: { has(name: string): boolean }): string | undefined {
  return clickIds.find((name) => query.has(name))
}

function sourceOf(referrer: Referrer | undefined, sources: Sources): Source | undefined {
  if (!referrer?.hostname) return undefined
  return referrer.isApp ? sources.byApp(referrer.hostname) : sources.byHost(referrer.hostname)
}

/** The first value of each parameter that tells how a visit came about, unless it is blank. */
function marksOf(query: URLSearchParams): ReadonlyMap<string, string> {
  const marks = new Map<string, string>()
  query.forEach((value, name) => {
    if (!wanted.has(name) || marks.has(name)) return
    const text = maskWords(cleanText(value).trim())
    if (text !== '') marks.set(name, text)
  })
  return marks
}

/** How the visit came about. */
export const tags: Step = (making, { lists }) => {
  const { given, page, referrer } = making
  const read = readTags(given, page?.query, referrer, lists.sources)
  for (const name in read) put(making, name as TextField, read[name as TextField])
}
