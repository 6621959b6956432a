import { isbot } from 'isbot'
import { maskWords } from '../page.ts'
import type { Hints } from './agent.ts'
import { cacheAgents } from './cache.ts'

/** A program that reads pages. */
export interface Bot {
  /** What it calls itself, at most 40 characters; `unknown` where it does not. */
  readonly name: string
}

/** What a request tells of whether a person sends it. */
export interface BotFacts {
  /** `User-Agent`; empty if there is none. */
  readonly agent: string
  readonly hints?: Hints | undefined
  /** `Accept-Language`. */
  readonly languages?: string | undefined
  /** The page says that a program drives its browser (`navigator.webdriver`, WebDriver standard). */
  readonly isDriven?: boolean | undefined
}

/** What isbot takes for a bot's name: models of Android ("XBot", "Discovery"), a browser, televisions. */
const INNOCENT = /(?<=^mozilla\/5\.0 \(linux;[^)]{0,40}android [\d.]{1,9}; )[^();]*|\bsogoum\w+|\.catcher/gi

/** Bots that isbot does not know: AI's readers that give no link, drivers of browsers, monitors. */
const MORE =
  /(?:gecko;|[\d.]{5,};?) \(?compatible; (?!msie)|-user\/|openai|chatgpt|claude|anthropic|perplexity|mistralai|cohere|webdriver|puppeteer|selenium|htmlunit|slimerjs|jsdom|lighthouse|screenshot|probe|copperegg/i

/** Readers for an AI, by name. */
const AI =
  /gpt|openai|^oai-|claude|anthropic|perplexity|bytespider|^ccbot|amazonbot|amzn|meta-ext|mistralai|cohere|duckassist|google(?:other|-ext|-agent|-notebook)|gemini|diffbot|^ai2|-user$/i

/** Where a bot's name stands, the surest place first. */
const NAMES = [
  /compatible; ?(?!msie)([a-z][\w!. -]{0,39}?)(?=[/;,:)(])/i,
  /^(?!mozilla|opera|dalvik)\W{0,9}([a-z][\w!.&-]{0,39})/i,
  /((?:[\w-]{0,16}(?:bot|spider|crawl)|headless|[\w-]{0,16}-(?:user|agent))[\w-]{0,16})/i,
  /(?<![\w.-])(?!mozilla|apple|chrome\/|safari|version|mobile|firefox|gecko|trident)([a-z][\w.-]{0,39})(?:\/v?\d|[);]*$)/i,
]
const LINK = /\+?https?:[^\s)]*/gi

/**
 * The bot that sends a request, or undefined if a person may. Who sends client hints, which only browsers
 * do, but no languages, which all of these do, is a program that drives a browser or plays one.
 */
export function botOf({ agent, hints = NO_HINTS, languages, isDriven }: BotFacts): Bot | undefined {
  const isPlayed = isDriven || (hints.ua !== undefined && languages === undefined)
  return bots(agent, hints) ?? (isPlayed ? UNKNOWN : undefined)
}

/** Whether a bot of that name reads for an AI: to train it, to search for it, or because it was asked. */
export function isAiReader(name: string): boolean {
  return AI.test(name)
}

const NO_HINTS: Hints = {}
const UNKNOWN: Bot = { name: 'unknown' }

const bots = cacheAgents<Bot | undefined>((agent, { ua: brands = '' }) => {
  const ua = agent.replace(INNOCENT, '')
  const isBot = ua === '' || isbot(ua) || MORE.test(ua) || /headless/i.test(brands)
  return isBot ? named(maskWords(ua.replace(LINK, ''))) : undefined
})

function named(ua: string): Bot {
  for (const pattern of NAMES) {
    const name = pattern.exec(ua)?.[1]?.trim()
    if (name) return { name }
  }
  return UNKNOWN
}
