import { languageOf, preferredLanguage } from '../language.ts'
import { maskWords } from '../page.ts'
import { agent } from './agent.ts'
import { put, type Step } from './making.ts'
import { place } from './place.ts'
import { referrer } from './referrer.ts'
import { tags } from './tags.ts'

const page: Step = (making) => {
  const { given, page } = making
  put(making, 'page', page?.path)
  put(making, 'hostname', given('hostname') ?? page?.hostname)
  const title = given('title')
  if (title !== undefined) put(making, 'title', maskWords(title))
}

const screen: Step = (making) => {
  put(making, 'screen', making.given('screen')?.replace(/^(\d+) ?[x×] ?(\d+)$/i, '$1x$2'))
}

const language: Step = (making, { sender }) => {
  const given = making.given('language')
  put(
    making,
    'language',
    given ? languageOf(given) : making.isOwn ? preferredLanguage(sender.languages) : undefined,
  )
}

/** How an event's fields are made, in this order. */
export const steps: readonly Step[] = [page, referrer, tags, agent, screen, language, place]
