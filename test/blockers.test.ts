import { expect, test } from 'vitest'
import { scripts } from '../scripts/tracker.ts'

/**
 * What EasyPrivacy and EasyList of 14 July 2026 blocked when they were tried in an ad blocker, by the host of the
 * collector and how it is asked. No package carries these lists under a licence that could be taken along.
 */
const rules: readonly Rule[] = [
  { type: 'script', path: /^\/(?:beacon|umami|plausible)\.js$/ },
  { type: 'script', host: /^(?:stats|analytics)\./, path: /^\/tracker\.js$/ },
  { type: 'script', host: /^analytics\./, path: /^\/(?:track|collect)\.js$/ },
  { type: 'ping', host: /\.other\.example$/, path: /^/ },
  { type: 'fetch', host: /^collector\./, path: /^\/(?:events?|api\/event)(?:\?|$)/ },
  { type: 'fetch', host: /^stats\./, path: /^\/events?(?:\?|$)/ },
  { type: 'fetch', host: /^analytics\./, path: /^\/(?:events?|collect|track)(?:\?|$)/ },
  { type: 'image', path: /^\/(?:p|b|i|pixel|1x1|pageviews)\.gif\?/ },
]

interface Rule {
  readonly type: Kind
  readonly host?: RegExp
  readonly path: RegExp
}

type Kind = 'script' | 'ping' | 'fetch' | 'image'

const hosts = ['shop.example', 'collect.shop.example', 'collect.other.example'] as const

function isBlocked(type: Kind, host: string, path: string): boolean {
  return rules.some(
    (rule) => rule.type === type && (!rule.host || rule.host.test(host)) && rule.path.test(path),
  )
}

test('the rules block what they are known to', () => {
  expect(isBlocked('script', 'shop.example', '/umami.js')).toBe(true)
  expect(isBlocked('script', 'stats.shop.example', '/tracker.js')).toBe(true)
  expect(isBlocked('fetch', 'collector.other.example', '/api/event')).toBe(true)
  expect(isBlocked('image', 'shop.example', '/pageviews.gif?page=/')).toBe(true)
  expect(isBlocked('ping', 'collect.other.example', '/pageviews')).toBe(true)
})

test.each(hosts)('no file of the tracker, and no way by which it sends, is blocked on %s', (host) => {
  for (const name of scripts) expect(isBlocked('script', host, `/${name}`), name).toBe(false)
  expect(isBlocked('fetch', host, '/pageviews?key=skw_1')).toBe(false)
  expect(isBlocked('image', host, '/pageviews?key=skw_1&id=1&page=https%3A%2F%2Fshop.example%2F')).toBe(false)
})

test('on a host of the site the beacon that stands in for a request is not blocked either', () => {
  for (const host of hosts.slice(0, 2)) expect(isBlocked('ping', host, '/pageviews?key=skw_1')).toBe(false)
})
