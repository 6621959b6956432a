import { describe, expect, test } from 'vitest'
import type { Hints } from '../src/agent/agent.ts'
import { type BotFacts, botOf, isAiReader } from '../src/agent/bot.ts'
import { agentRows, knownCrawlers, realVisitors, told, uapCases } from './support/agent-sets.ts'

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'
const HINTS: Hints = { ua: '"Chromium";v="156", "Google Chrome";v="156"', mobile: '?0', platform: '"Linux"' }

test.each(agentRows('bots'))('%j is %s', (agent, name, ai) => {
  expect(botOf({ agent })).toEqual({ name })
  expect(isAiReader(name ?? '')).toBe(ai === 'ai')
})

test.each(agentRows('people'))("%s is nobody's bot", (agent) => {
  expect(botOf({ agent, languages: 'en' })).toBeUndefined()
})

describe('a browser that a program drives', () => {
  test.each<readonly [why: string, facts: BotFacts, name: string | undefined]>([
    ['a person', { agent: CHROME, hints: HINTS, languages: 'en-US,en;q=0.9' }, undefined],
    ['a person, of whom a proxy passes nothing but the agent on', { agent: CHROME }, undefined],
    ['client hints without languages', { agent: CHROME, hints: HINTS }, 'unknown'],
    [
      'a headless brand',
      { agent: CHROME, hints: { ua: '"HeadlessChrome";v="120"' }, languages: 'en' },
      'unknown',
    ],
    ['navigator.webdriver', { agent: CHROME, hints: HINTS, languages: 'en', isDriven: true }, 'unknown'],
    ['a bot that says its name all the same', { agent: 'curl/8.5.0', isDriven: true }, 'curl'],
  ])('%s', (_why, facts, name) => {
    expect(botOf(facts)?.name).toBe(name)
  })
})

describe('measured on agents that others collected', () => {
  test('at least 99 % of known crawlers are bots', () => {
    const crawlers = knownCrawlers()
    expect(crawlers.length).toBeGreaterThan(2000)
    const missed = crawlers.filter((agent) => !botOf({ agent }))
    expect(1 - missed.length / crawlers.length, told(missed, crawlers.length)).toBeGreaterThanOrEqual(0.99)
  })

  test('known crawlers have names: at most 3 % are unknown, hardly any a browser', () => {
    const names = knownCrawlers().map((agent) => botOf({ agent })?.name)
    expect(names.filter((name) => name === 'unknown').length / names.length).toBeLessThan(0.03)
    expect(
      names.filter((name) => /^(?:Mozilla|Chrome|Safari|Firefox)$/.test(name ?? '')).length,
    ).toBeLessThan(5)
  })

  test('no real visitor is a bot', () => {
    const wrong = realVisitors().filter(({ agent }) => botOf({ agent, languages: 'en' }))
    expect(wrong.map(({ agent }) => agent)).toEqual([])
  })

  test('at most 1.1 % of browsers that people changed are bots', () => {
    const browsers = uapCases('firefox_user_agent_strings').filter(({ family }) => family === 'Firefox')
    expect(browsers.length).toBeGreaterThan(150)
    const wrong = browsers.map(({ agent }) => agent).filter((agent) => botOf({ agent, languages: 'en' }))
    expect(wrong.length / browsers.length, told(wrong, browsers.length)).toBeLessThanOrEqual(0.011)
  })
})

describe('a hostile agent', () => {
  const parts = [
    '0',
    'a',
    '-',
    '.',
    ' ',
    '/',
    '(',
    ')',
    ';',
    '_',
    'a/',
    'bot',
    '-bot',
    'bot ',
    'a!',
    '@a.',
    'http:',
    '+http',
  ]
  const starts = ['', 'Mozilla/5.0 (Linux; Android 10; ', 'Mozilla/5.0 (compatible; ', 'Mozilla/5.0 ']

  test('has a name of at most 40 characters, if it has one', () => {
    for (const start of starts) {
      for (const part of [...parts, 'compatible; ', 'Mozilla/5.0 (', 'gecko; compatible; ', 'android 1.']) {
        const agent = start + part.repeat(8192 / part.length)
        expect(botOf({ agent })?.name.length ?? 1, agent.slice(0, 60)).toBeLessThanOrEqual(40)
        expect(botOf({ agent })).toEqual(botOf({ agent: agent.slice(0, 512) }))
      }
    }
  })
})
