import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { TextField } from '../../src/event.ts'
import { readReferrer } from '../../src/ingest/referrer.ts'
import { clickIdOf, readTags } from '../../src/ingest/tags.ts'
import { readSources } from '../../src/sources.ts'

const sources = readSources(readFileSync(new URL('../../assets/sources.txt', import.meta.url), 'utf8'))

type Given = Partial<Record<TextField, string>>

function tags(search: string, referrer?: string, given: Given = {}): Record<string, unknown> {
  const query = search === '' ? undefined : new URLSearchParams(search)
  const read = readTags((name) => given[name], query, readReferrer(referrer, 'shop.example'), sources)
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
}

describe('source and channel', () => {
  test.each([
    ['', undefined, undefined, 'Direct'],
    ['', 'https://www.google.com/', 'Google', 'Organic Search'],
    ['', 'https://www.facebook.com/', 'Facebook', 'Organic Social'],
    ['', 'https://news.ycombinator.com/item?id=1', 'Hacker News', 'Organic Social'],
    ['', 'https://www.unknown.example/x', 'unknown.example', 'Referral'],
    ['', 'https://chatgpt.com/', 'ChatGPT', 'AI Assistants'],
    ['', 'https://www.shop.example/other', undefined, 'Direct'],
    ['', 'https://blog.shop.example/', 'blog.shop.example', 'Referral'],
    ['?utm_source=one&source=two&ref=three', 'https://www.google.com/', 'one', 'Referral'],
    ['?ref=three&source=two', 'https://www.google.com/', 'two', 'Referral'],
    ['?ref=three', 'https://www.google.com/', 'three', 'Referral'],
    ['?utm_source=letter&utm_medium=email', undefined, 'letter', 'Email'],
    ['?utm_source=google&utm_medium=cpc', undefined, 'Google', 'Paid Search'],
    ['?utm_source=adwords', undefined, 'Google', 'Paid Search'],
    ['?utm_source=chatgpt.com', undefined, 'ChatGPT', 'AI Assistants'],
    ['?gclid=abc', 'https://www.google.com/', 'Google', 'Paid Search'],
    ['?msclkid=abc', 'https://www.bing.com/', 'Bing', 'Paid Search'],
    ['?gclid=abc', 'https://www.unknown.example/', 'unknown.example', 'Referral'],
    ['?gclid=abc', 'https://google.evil.example/', 'google.evil.example', 'Referral'],
    ['', 'android-app://com.google.android.gm/', 'Gmail', 'Email'],
    ['', 'android-app://org.example.reader/http/x.example/', 'org.example.reader', 'Referral'],
    ['', 'https://com.google.android.gm/', 'com.google.android.gm', 'Referral'],
    ['', 'google', undefined, 'Direct'],
    ['', 'chrome-extension://abcdefghijklmnop/', undefined, 'Direct'],
    ['?utm_source=__proto__', undefined, '__proto__', 'Referral'],
  ])('%s from %s', (search, referrer, source, channel) => {
    const read = tags(search, referrer)
    expect([read.source, read.channel]).toEqual([source, channel])
  })
})

test('the raw tags are kept apart', () => {
  expect(
    tags(
      'utm_source=FB&utm_medium=Paid&utm_campaign=Spring&utm_term=shoes&utm_content=a&medium=x&campaign=y',
    ),
  ).toEqual({
    ...{ source: 'Facebook', medium: 'Paid', campaign: 'Spring', term: 'shoes', content: 'a' },
    ...{ utm_source: 'FB', utm_medium: 'Paid', utm_campaign: 'Spring', utm_term: 'shoes', utm_content: 'a' },
    channel: 'Paid Social',
  })
  expect(tags('source=fb&medium=x&campaign=y')).toEqual({
    ...{ source: 'Facebook', medium: 'x', campaign: 'y', channel: 'Organic Social' },
  })
})

test('what is given is kept as it is, and tells the channel', () => {
  expect(tags('utm_source=bing&utm_medium=a', undefined, { source: 'google', medium: 'cpc' })).toEqual({
    ...{ source: 'google', medium: 'cpc', utm_source: 'bing', utm_medium: 'a', channel: 'Paid Search' },
  })
  expect(tags('', 'https://t.co/x', { channel: 'Billboards' })).toEqual({
    source: 'Twitter',
    channel: 'Billboards',
  })
  const facts = { utm_source: 'ig', click_id: 'gclid' }
  expect(tags('fbclid=1', undefined, facts)).toEqual({
    ...facts,
    source: 'Instagram',
    channel: 'Organic Social',
  })
})

test('blanks are as good as absent; of several values the first that is none holds', () => {
  expect(tags('utm_source=&source=%20&utm_medium=%00&gclid=')).toEqual({ channel: 'Direct' })
  expect(tags('utm_source=&utm_source=one&utm_source=two')).toMatchObject({ source: 'one' })
  expect(tags('ref=a%00b')).toMatchObject({ source: 'ab' })
})

test('of a click only the name of its parameter is kept', () => {
  for (const id of ['gclid', 'gbraid', 'wbraid', 'msclkid', 'fbclid', 'ttclid', 'twclid', 'li_fat_id']) {
    const read = tags(`x=1&${id}=secret-value`, 'https://www.unknown.example/')
    expect(read).toEqual({ source: 'unknown.example', channel: 'Referral', click_id: id })
  }
  expect(tags('GCLID=1&xgclid=2')).toEqual({ channel: 'Direct' })
  expect(clickIdOf(new URLSearchParams('fbclid=1&gclid=2'))).toBe('gclid')
  expect(clickIdOf(new URLSearchParams('a=1'))).toBeUndefined()
})

describe('a referrer', () => {
  const read = (value: string, own = 'shop.example') => readReferrer(value, own)
  test('of the own host is none', () => {
    for (const value of ['https://shop.example', 'http://www.shop.example:8080/a', 'https://SHOP.example./'])
      expect(read(value)).toBeUndefined()
    expect(read('https://shop.example/', 'www.Shop.example')).toBeUndefined()
    expect(read('https://blog.shop.example/a')?.hostname).toBe('blog.shop.example')
    expect(read('https://notshop.example/a')?.hostname).toBe('notshop.example')
  })

  test('is kept without query, fragment, port and user', () => {
    expect(read('https://u:p@www.a.example:8443/b?c=d#e')).toEqual({
      ...{ text: 'https://www.a.example/b', hostname: 'www.a.example', isApp: false },
    })
    expect(read('http://xn--mnchen-3ya.example/')?.hostname).toBe('xn--mnchen-3ya.example')
    expect(read('http://münchen.example/')?.hostname).toBe('xn--mnchen-3ya.example')
  })

  test('may be an app, also one that has the own host for its id', () => {
    const id = 'com.google.android.gm'
    expect(read(`android-app://${id}/`)).toEqual({ text: `android-app://${id}/`, hostname: id, isApp: true })
    expect(read('android-app://shop.example/')?.isApp).toBe(true)
  })

  test('may be any text, from which no visit can come', () => {
    for (const text of ['a', '/path', 'a friend', 'google.com', 'https://', 'about:blank'])
      expect(read(text)).toEqual({ text, hostname: undefined, isApp: false })
    expect(read('mail from jane@a.example')?.text).toBe('mail from *')
    expect(read('ftp://files.example/x')).toEqual({
      ...{ text: 'ftp://files.example/x', hostname: undefined, isApp: false },
    })
  })
})
