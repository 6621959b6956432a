import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AgentFacts, type Hints, readAgent } from '../src/agent/agent.ts'
import { cacheAgents } from '../src/agent/cache.ts'
import { agentRows, realVisitors, told, uapCases } from './support/agent-sets.ts'

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const DESKTOP = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/156.0.0.0 Safari/537.36`
const PHONE = `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/156.0.0.0 Mobile Safari/537.36`
const WEBVIEW = `Mozilla/5.0 (Linux; Android 14; SM-S911B Build/UP1A.231005.007; wv) ${WEBKIT} Version/4.0 Chrome/120.0.6099.144 Mobile Safari/537.36`

/** Browser and system with their versions, and the device, as one would say them. */
function summary({ browser, browser_version, os, os_version, device }: AgentFacts): readonly string[] {
  const words = (...parts: readonly unknown[]): string => parts.filter(Boolean).join(' ')
  return [words(browser, browser_version), words(os, os_version), device ?? '']
}

test.each(agentRows('browsers'))('%s', (agent, ...expected) => {
  expect(summary(readAgent(agent))).toEqual(expected)
})

const CHROME: Hints = {
  ua: '"Chromium";v="156", "Google Chrome";v="156", "Not?A_Brand";v="24"',
  mobile: '?0',
  platform: '"Windows"',
}

describe('client hints', () => {
  test.each<readonly [agent: string, hints: Hints, browser: string, os: string, device: string]>([
    [DESKTOP, CHROME, 'Chrome 156', 'Windows 10/11', 'Desktop'],
    [DESKTOP, { ...CHROME, platformVersion: '"15.0.0"' }, 'Chrome 156', 'Windows 11', 'Desktop'],
    [DESKTOP, { ...CHROME, platformVersion: '"10.0.0"' }, 'Chrome 156', 'Windows 10', 'Desktop'],
    [DESKTOP, { ...CHROME, platformVersion: '"0.1.0"' }, 'Chrome 156', 'Windows 10/11', 'Desktop'],
    [DESKTOP, { ...CHROME, platform: '"macOS"' }, 'Chrome 156', 'Mac', 'Desktop'],
    [
      DESKTOP,
      { ...CHROME, platform: '"macOS"', platformVersion: '"14.5.0"' },
      'Chrome 156',
      'Mac 14.5',
      'Desktop',
    ],
    [DESKTOP, { ...CHROME, platform: '"Chrome OS"' }, 'Chrome 156', 'Chrome OS', 'Desktop'],
    [
      DESKTOP,
      { ua: '"Brave";v="131", "Chromium";v="131", "Not_A Brand";v="24"' },
      'Brave 131',
      'Windows 10/11',
      'Desktop',
    ],
    [
      DESKTOP,
      { ua: '" Not A;Brand";v="99", "Chromium";v="131", "Microsoft Edge";v="131"' },
      'Microsoft Edge 131',
      'Windows 10/11',
      'Desktop',
    ],
    [
      DESKTOP,
      { ua: '"Not(A:Brand";v="8", "Chromium";v="144", "Opera";v="128"' },
      'Opera 128',
      'Windows 10/11',
      'Desktop',
    ],
    [
      DESKTOP,
      { ua: '"Chromium";v="116.0.5845.90", "Avast Secure Browser";v="116.0.0.0"' },
      'Avast Secure Browser 116',
      'Windows 10/11',
      'Desktop',
    ],
    [DESKTOP, { ua: '"Not:A-Brand";v="8", "Chromium";v="156"' }, 'Chrome 156', 'Windows 10/11', 'Desktop'],
    [
      PHONE,
      { ua: '"Samsung Internet";v="27.0", "Chromium";v="125"', mobile: '?1', platform: '"Android"' },
      'Samsung Browser 27',
      'Android 10+',
      'Mobile',
    ],
    [
      PHONE,
      { ...CHROME, mobile: '?1', platform: '"Android"', platformVersion: '"15.0.0"' },
      'Chrome 156',
      'Android 15',
      'Mobile',
    ],
    [PHONE, { ...CHROME, mobile: '?0', platform: '"Android"' }, 'Chrome 156', 'Android 10+', 'Tablet'],
    [
      PHONE,
      { ...CHROME, mobile: '?1', platform: '"Android"', formFactors: '"Tablet"' },
      'Chrome 156',
      'Android 10+',
      'Tablet',
    ],
    [
      `${WEBVIEW} Instagram 312.0.1.19 Android`,
      { ua: '"Android WebView";v="120", "Chromium";v="120"' },
      'Instagram 312',
      'Android 14',
      'Mobile',
    ],
    [WEBVIEW, { ua: '"Android WebView";v="120", "Chromium";v="120"' }, 'Chrome 120', 'Android 14', 'Mobile'],
    ['', { ...CHROME, mobile: '?1', platform: '"Android"' }, 'Chrome 156', 'Android', 'Mobile'],
  ])('%s with %o', (agent, hints, ...expected) => {
    expect(summary(readAgent(agent, hints))).toEqual(expected)
  })

  test('that say nothing leave the agent as it is', () => {
    for (const value of ['', '""', '?', 'constructor', '"__proto__"', '"Linux"', '\u00ff'.repeat(300)]) {
      const hints: Hints = {
        ua: value,
        mobile: value,
        platform: value,
        platformVersion: value,
        formFactors: value,
      }
      expect(readAgent(DESKTOP, hints), value).toEqual(readAgent(DESKTOP))
    }
  })
})

/** The names of uap-core that are clear, as they are called here. */
const families: Readonly<Record<string, string>> = {
  Chrome: 'Chrome',
  'Chrome Mobile': 'Chrome',
  'Chrome Mobile iOS': 'Chrome',
  Chromium: 'Chrome',
  Safari: 'Safari',
  'Mobile Safari': 'Safari',
  Firefox: 'Firefox',
  'Firefox Mobile': 'Firefox',
  IE: 'Internet Explorer',
  'IE Mobile': 'Internet Explorer',
  Opera: 'Opera',
  'Opera Mobile': 'Opera',
  'Opera Mini': 'Opera',
  'Amazon Silk': 'Amazon Silk',
  Android: 'Android Browser',
  SeaMonkey: 'SeaMonkey',
}

const systems: Readonly<Record<string, string>> = {
  'Windows XP': 'Windows',
  'Windows Vista': 'Windows',
  'Windows 7': 'Windows',
  'Windows 8': 'Windows',
  'Windows 8.1': 'Windows',
  'Mac OS X': 'Mac',
  Android: 'Android',
  iOS: 'iOS',
  Linux: 'GNU/Linux',
  Ubuntu: 'GNU/Linux',
  'Chrome OS': 'Chrome OS',
  'Windows Phone': 'Windows Phone',
}

describe('measured on agents that others collected', () => {
  test('the class of device of real visitors, by weight, always', () => {
    const wrong = realVisitors().filter(({ agent, device }) => readAgent(agent).device !== device)
    expect(wrong.map(({ agent, device }) => `${device}: ${agent}`)).toEqual([])
  })

  test('the browser of real visitors, where the agent has the token of one, always', () => {
    const tokens = {
      'CriOS/': 'Chrome',
      'FxiOS/': 'Firefox',
      'Firefox/': 'Firefox',
      'Edg/': 'Microsoft Edge',
      'OPR/': 'Opera',
      'SamsungBrowser/': 'Samsung Browser',
    }
    const visitors = realVisitors()
    for (const [token, browser] of Object.entries(tokens)) {
      const own = visitors.filter(({ agent }) => agent.includes(token))
      expect(own.length, token).toBeGreaterThan(0)
      for (const { agent } of own) expect(readAgent(agent).browser, agent).toBe(browser)
    }
  })

  test('real visitors have a browser, a system and a device, always', () => {
    for (const { agent } of realVisitors()) {
      const { browser, os, device } = readAgent(agent)
      expect([browser, os, device], agent).not.toContain(undefined)
    }
  })

  test('the family of the browser on the cases of uap-core, at least 99 %', () => {
    const files = ['test_user_agent_parser', 'firefox_user_agent_strings', 'pgts_browser_list']
    const cases = files.flatMap(uapCases).filter(({ family }) => Object.hasOwn(families, family))
    expect(cases.length).toBeGreaterThan(8000)
    const wrong = cases.filter(({ agent, family }) => readAgent(agent).browser !== families[family])
    const message = told(
      wrong.map(({ agent, family }) => `${family}: ${agent}`),
      cases.length,
    )
    expect(1 - wrong.length / cases.length, message).toBeGreaterThanOrEqual(0.99)
  })

  test('its major version on the same cases, at least 99 %', () => {
    const files = ['test_user_agent_parser', 'firefox_user_agent_strings', 'pgts_browser_list']
    const cases = files
      .flatMap(uapCases)
      .filter(({ family, major }) => major !== undefined && Object.hasOwn(families, family))
      .filter(({ agent, family }) => family !== 'Android' && readAgent(agent).browser === families[family])
    const wrong = cases.filter(
      ({ agent, major }) => Number.parseInt(readAgent(agent).browser_version ?? '', 10) !== major,
    )
    const lines = wrong.map(({ agent, major }) => `${major}: ${agent}`)
    expect(1 - wrong.length / cases.length, told(lines, cases.length)).toBeGreaterThanOrEqual(0.99)
  })

  test('the system on the cases of uap-core that are not in programs of mobile phones, at least 90 %', () => {
    const cases = ['test_user_agent_parser_os', 'additional_os_tests']
      .flatMap(uapCases)
      .filter(({ family }) => Object.hasOwn(systems, family))
    const wrong = cases.filter(
      ({ agent, family }) => readAgent(agent).os?.replace('iPad', 'i') !== systems[family],
    )
    const message = told(
      wrong.map(({ agent, family }) => `${family}: ${agent}`),
      cases.length,
    )
    expect(1 - wrong.length / cases.length, message).toBeGreaterThanOrEqual(0.9)
  })
})

describe('whatever is sent', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 600 }),
    fc
      .array(
        fc.constantFrom(
          'Mozilla/5.0 (',
          'Version/',
          'Chrome/156.0',
          'iPad; CPU OS 9_',
          'Mac OS X 10_',
          '; ',
          ')',
          '"',
          'v="1"',
          'Trident/7',
          'Opera',
          '\n',
          '\u0000',
          '1.',
          ' ',
        ),
      )
      .map((parts) => parts.join('')),
  )

  test('is read into short words, the same each time', () => {
    fc.assert(
      fc.property(text, text, (agent, hint) => {
        const hints: Hints = {
          ua: hint,
          mobile: hint,
          platform: hint,
          platformVersion: hint,
          formFactors: hint,
        }
        const facts = readAgent(agent, hints)
        expect(readAgent(agent, { ...hints })).toEqual(facts)
        for (const value of Object.values(facts)) expect(value?.length ?? 1).toBeLessThanOrEqual(40)
      }),
    )
  })

  test('has no version longer than a version', () => {
    for (const name of [
      'Android ',
      'Chrome/',
      'Version/',
      'MSIE ',
      'Trident/',
      'Intel Mac OS X 10_',
      'iPhone OS ',
    ]) {
      for (const digits of ['9'.repeat(400), `1.${'9'.repeat(400)}`, `1e${'9'.repeat(400)}`]) {
        const agent = `Mozilla/5.0 (iPhone; Macintosh; ${name}${digits}) AppleWebKit/1 Safari/1`
        const facts = readAgent(agent, { platform: '"macOS"', platformVersion: `"${digits}"` })
        for (const value of Object.values(facts)) expect(value?.length ?? 1, agent).toBeLessThanOrEqual(40)
      }
    }
  })

  test('is read no further than 512 characters', () => {
    for (const part of [
      '0',
      'a',
      'a/',
      'a-',
      '1.',
      ' ',
      '(',
      '_',
      'Mozilla/5.0 (Linux; Android ',
      'mac ',
      'ipad os ',
      'bot',
      '\u00e9',
    ]) {
      const agent = part.repeat(8192 / part.length)
      expect(readAgent(agent), part).toEqual(readAgent(agent.slice(0, 512)))
    }
    expect(readAgent(`${' '.repeat(512)}${DESKTOP}`).browser).toBeUndefined()
  })
})

describe('a cache of agents', () => {
  function counting(): {
    readonly read: (agent: string, hints: Hints) => object
    readonly count: () => number
  } {
    let count = 0
    const read = cacheAgents(() => ({ count: ++count }))
    return { read, count: () => count }
  }

  test('reads an agent with the same hints once', () => {
    const { read, count } = counting()
    expect(read(DESKTOP, CHROME)).toBe(read(DESKTOP, { ...CHROME }))
    expect(count()).toBe(1)
    for (const name of Object.keys({ ...CHROME, platformVersion: '', formFactors: '' }))
      read(DESKTOP, { ...CHROME, [name]: 'other' })
    expect(count()).toBe(6)
  })

  test('tells agents apart by no more than is read of them', () => {
    const { read, count } = counting()
    const long = 'x'.repeat(512)
    expect(read(`${long}1`, {})).toBe(read(`${long}2`, {}))
    read(long.slice(1), {})
    expect(count()).toBe(2)
  })

  test('forgets those that were not asked for while 1,000 others were', () => {
    const { read, count } = counting()
    for (let i = 0; i < 3000; i++) {
      read('often', {})
      read(`once ${i}`, {})
    }
    expect(count()).toBe(3001)
    read('once 2999', {})
    expect(count()).toBe(3001)
    read('once 0', {})
    expect(count()).toBe(3002)
  })

  test('forgets also where few are met', () => {
    const { read, count } = counting()
    read('one', {})
    for (let i = 0; i < 100_010; i++) read('other', {})
    read('one', {})
    expect(count()).toBe(3)
  })

  test('holds few readings of an agent, and none of hints that no browser sends', () => {
    const { read, count } = counting()
    for (let i = 0; i < 5; i++) read('one', { ua: `${i}` })
    read('one', { ua: '4' })
    expect(count()).toBe(5)
    read('one', { ua: '0' })
    expect(count()).toBe(6)
    for (let i = 0; i < 2; i++) read('one', { ua: 'x'.repeat(513) })
    expect(count()).toBe(8)
  })
})
