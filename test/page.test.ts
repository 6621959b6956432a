import { describe, expect, test } from 'vitest'
import { maskWords, readPage } from '../src/page.ts'

describe('a page', () => {
  const cases: readonly (readonly [given: string, hostname: string | undefined, path: string])[] = [
    ['https://a.example/b', 'a.example', '/b'],
    ['http://google.com', 'google.com', '/'],
    ['HTTPS://A.Example:8443/B', 'a.example', '/B'],
    ['//a.example/b', 'a.example', '/b'],
    ['app://com.example.app/screen', 'com.example.app', '/screen'],
    ['/b?x=1#y', undefined, '/b'],
    ['b', undefined, '/b'],
    ['', undefined, '/'],
    ['/a/../b', undefined, '/b'],
    ['/caf%C3%A9', undefined, '/café'],
    ['/café', undefined, '/café'],
    ['/a%2Fb', undefined, '/a%2Fb'],
    ['/100%', undefined, '/100%'],
    ['/a%00b%0ac', undefined, '/abc'],
    ['/user/me@x.example/edit', undefined, '/user/*/edit'],
    ['/user/me%40x.example', undefined, '/user/*'],
    ['/reset/0123456789abcdefghijklmn', undefined, '/reset/*'],
    ['/t/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.x', undefined, '/t/*'],
    [
      '/2024/the-24-best-things-to-do-in-a-long-slug',
      undefined,
      '/2024/the-24-best-things-to-do-in-a-long-slug',
    ],
    ['/donaudampfschifffahrtsgesellschaft', undefined, '/donaudampfschifffahrtsgesellschaft'],
    ['/123456789012345678901234567890', undefined, '/123456789012345678901234567890'],
    ['javascript:alert(1)', undefined, '/javascript:alert(1)'],
  ]
  for (const [given, hostname, path] of cases) {
    test(`${given || '(empty)'} is ${hostname ?? ''}${path}`, () => {
      expect(readPage(given, [])).toMatchObject({ hostname, path })
    })
  }

  test('keeps the names of its query that belong to it, in their order, and masks their values', () => {
    expect(readPage('/s?b=2&a=1&c=3', ['a', 'b', 'z'])?.path).toBe('/s?a=1&b=2')
    expect(readPage('/s?a=me@x.example', ['a'])?.path).toBe('/s?a=*')
  })

  test('is none when a URL has no host', () => {
    for (const given of ['http://', 'https://[', 'http://a b/']) expect(readPage(given, [])).toBeUndefined()
  })

  test('costs no more than its length, whatever it holds', () => {
    const time = (text: string): number => {
      const start = performance.now()
      for (let i = 0; i < 20; i++) maskWords(text)
      return performance.now() - start
    }
    const hostile = (length: number): readonly string[] => [
      'a'.repeat(length),
      'a@'.repeat(length / 2),
      `${'a'.repeat(length - 2)}@a`,
      `a@${'a.'.repeat(length / 2)}`,
      `${'a'.repeat(23)} `.repeat(length / 24),
    ]
    const short = Math.max(...hostile(20_000).map(time))
    const long = Math.max(...hostile(200_000).map(time))
    // Ten times the text; a quadratic step would take a hundred times as long.
    expect(long / Math.max(short, 1)).toBeLessThan(50)
  })
})

test('words of a text that look private are masked', () => {
  expect(maskWords('Inbox of me@x.example (3)')).toBe('Inbox of * (3)')
  expect(maskWords('Nothing to hide')).toBe('Nothing to hide')
})
