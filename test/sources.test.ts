import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readSources } from '../src/sources.ts'

const sources = readSources(readFileSync(new URL('../assets/sources.txt', import.meta.url), 'utf8'))

describe('a host', () => {
  test.each([
    ['google.com', 'Google', 'search'],
    ['www.google.co.uk', 'Google', 'search'],
    ['www.google.com.br', 'Google', 'search'],
    ['images.google.de', 'Google', 'search'],
    ['WWW.Google.DE', 'Google', 'search'],
    ['www.google.com.', 'Google', 'search'],
    ['mail.google.com', 'Gmail', 'email'],
    ['gemini.google.com', 'Gemini', 'ai'],
    ['docs.google.com', 'Google Docs', 'site'],
    ['news.google.co.in', 'Google News', 'site'],
    ['bing.com', 'Bing', 'search'],
    ['cn.bing.com', 'Bing', 'search'],
    ['copilot.microsoft.com', 'Copilot', 'ai'],
    ['duckduckgo.com', 'DuckDuckGo', 'search'],
    ['search.yahoo.com', 'Yahoo!', 'search'],
    ['de.search.yahoo.com', 'Yahoo!', 'search'],
    ['search.yahoo.co.jp', 'Yahoo! Japan', 'search'],
    ['36ohk.mail.yahoo.net', 'Yahoo! Mail', 'email'],
    ['yandex.com.tr', 'Yandex', 'search'],
    ['ya.ru', 'Yandex', 'search'],
    ['search.brave.com', 'Brave', 'search'],
    ['t.co', 'Twitter', 'social'],
    ['x.com', 'Twitter', 'social'],
    ['l.facebook.com', 'Facebook', 'social'],
    ['lm.facebook.com', 'Facebook', 'social'],
    ['l.instagram.com', 'Instagram', 'social'],
    ['lnkd.in', 'LinkedIn', 'social'],
    ['old.reddit.com', 'Reddit', 'social'],
    ['news.ycombinator.com', 'Hacker News', 'social'],
    ['pinterest.co.uk', 'Pinterest', 'social'],
    ['m.youtube.com', 'YouTube', 'video'],
    ['youtu.be', 'YouTube', 'video'],
    ['www.amazon.com.au', 'Amazon', 'shopping'],
    ['outlook.live.com', 'Outlook.com', 'email'],
    ['deref-gmx.net', 'GMX Mail', 'email'],
    ['chatgpt.com', 'ChatGPT', 'ai'],
    ['chat.openai.com', 'ChatGPT', 'ai'],
    ['www.perplexity.ai', 'Perplexity', 'ai'],
    ['beta.character.ai', 'Character.AI', 'ai'],
    ['googleads.g.doubleclick.net', 'Google Ads', 'ads'],
    ['en.wikipedia.org', 'Wikipedia', 'site'],
  ])('%s is %s, %s', (host, name, category) => {
    expect(sources.byHost(host)).toEqual({ name, category })
  })

  test.each([
    ['google.evil.example'],
    ['google.com.evil.example'],
    ['google.co.evil'],
    ['google.com.de'],
    ['google.co.nl'],
    ['evilgoogle.com'],
    ['google'],
    ['facebook.com.evil.example'],
    ['notfacebook.com'],
    ['photos.google.com'],
    ['someone.medium.com'],
    ['com.google.android.gm'],
    ['xn--ggle-55da.com'],
    ['xn--80ak6aa92e.com'],
    ['10.0.0.1'],
    ['[2001:db8::1]'],
    ['localhost'],
    ['constructor'],
    ['__proto__'],
    ['tostring.com'],
    ['=google.com'],
    ['google.*'],
    ['app:com.google.android.gm'],
    [''],
    [`${'a.'.repeat(200)}reddit.com`],
  ])('%s is nobody that is known', (host) => {
    expect(sources.byHost(host)).toEqual({ name: host })
  })

  test('an unknown one is its own name, without www and the dot of the root', () => {
    expect(sources.byHost('WWW.Unknown.Example.')).toEqual({ name: 'unknown.example' })
    expect(sources.byHost('www.com')).toEqual({ name: 'www.com' })
  })
})

test.each([
  ['com.google.android.gm', 'Gmail', 'email'],
  ['com.google.android.googlequicksearchbox', 'Google', 'search'],
  ['com.Slack', 'Slack', 'social'],
  ['com.amazon.mshop.android.shopping', 'Amazon', 'shopping'],
])('the app %s is %s, %s', (id, name, category) => {
  expect(sources.byApp(id)).toEqual({ name, category })
})

test('an unknown app is its id; it has no parents, and is no host', () => {
  for (const id of ['org.example.app', 'com.reddit.frontpage.other', 'reddit.com', '__proto__'])
    expect(sources.byApp(id)).toEqual({ name: id })
})

describe('a tag', () => {
  test.each([
    ['google', 'Google', 'search'],
    ['GOOGLE', 'Google', 'search'],
    [' Google ', 'Google', 'search'],
    ['fb', 'Facebook', 'social'],
    ['ig', 'Instagram', 'social'],
    ['hacker news', 'Hacker News', 'social'],
    ['Hacker_News', 'Hacker News', 'social'],
    ['newsletter', 'newsletter', 'email'],
    ['e mail', 'e mail', 'email'],
    ['chatgpt.com', 'ChatGPT', 'ai'],
    ['www.google.fr', 'Google', 'search'],
    ['yahoo', 'Yahoo!', 'search'],
    ['tiktok', 'TikTok', 'video'],
  ])('%s is %s, %s', (tag, name, category) => {
    expect(sources.byTag(tag)).toEqual({ name, category })
  })

  test('may say that the visit was paid for', () => {
    expect(sources.byTag('Adwords')).toEqual({ name: 'Google', category: 'search', paid: true })
    expect(sources.byTag('facebook_ads')).toEqual({ name: 'Facebook', category: 'social', paid: true })
  })

  test.each([
    ['Spring Letter'],
    ['alice'],
    ['target'],
    ['unknown.example'],
    ['www.Unknown.example'],
    ['constructor'],
    ['__proto__'],
    ['hasOwnProperty'],
    ['+adwords'],
    ['-'],
    ['.'],
    ['google com'],
  ])('%s stays as it is', (tag) => {
    expect(sources.byTag(tag)).toEqual({ name: tag })
  })
})

test('lines of an unknown category, and broken ones, are left out', () => {
  const few = readSources(
    'Early\tearly.example\n@weather\nSun\tsun.example\n@search\nBroken\nFinder\tfind.example\n',
  )
  expect(few.byHost('find.example')).toEqual({ name: 'Finder', category: 'search' })
  for (const host of ['early.example', 'sun.example']) expect(few.byHost(host)).toEqual({ name: host })
  expect(readSources('').byTag('google')).toEqual({ name: 'google' })
})
