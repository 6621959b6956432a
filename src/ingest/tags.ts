import { type TextField, textFields } from '../event.ts'
import { cleanText } from '../text.ts'
import { bareHost } from './referrer.ts'

type Tag = 'source' | 'medium' | 'campaign' | 'term' | 'content'

/** Where each tag is looked for in a page's query, the stronger first. */
const inQuery: Readonly<Record<Tag, readonly string[]>> = {
  source: ['utm_source', 'source', 'ref'],
  medium: ['utm_medium', 'medium'],
  campaign: ['utm_campaign', 'campaign'],
  term: ['utm_term'],
  content: ['utm_content'],
}

/**
 * The tags of a visit: as given, else from the page's query, else (source) the referrer's host.
 * The raw `utm_*` of the query are kept apart.
 */
export function tagsOf(
  given: (name: TextField) => string | undefined,
  query: URLSearchParams | undefined,
  referrerHost: string | undefined,
): Partial<Record<TextField, string | undefined>> {
  const tags: Partial<Record<TextField, string | undefined>> = {}
  const asked = (name: string): string | undefined => cleanText(query?.get(name) ?? '') || undefined
  for (const name of textFields) {
    if (name.startsWith('utm_')) tags[name] = given(name) ?? asked(name)
  }
  for (const [tag, names] of Object.entries(inQuery) as [Tag, readonly string[]][]) {
    tags[tag] = given(tag) ?? names.map(asked).find(Boolean)
  }
  tags.source ??= bareHost(referrerHost)
  return tags
}
