import { describe, expect, test } from 'vitest'
import { type ChannelFacts, channelOf } from '../src/channel.ts'
import type { Source } from '../src/sources.ts'

const google: Source = { name: 'Google', category: 'search' }
const bing: Source = { name: 'Bing', category: 'search' }
const duck: Source = { name: 'DuckDuckGo', category: 'search' }
const facebook: Source = { name: 'Facebook', category: 'social' }
const youtube: Source = { name: 'YouTube', category: 'video' }
const amazon: Source = { name: 'Amazon', category: 'shopping' }
const chatgpt: Source = { name: 'ChatGPT', category: 'ai' }
const gmail: Source = { name: 'Gmail', category: 'email' }
const ads: Source = { name: 'Taboola', category: 'ads' }
const github: Source = { name: 'GitHub', category: 'site' }
const blog: Source = { name: 'blog.example' }

function channel(source?: Source, medium?: string, campaign?: string, clickId?: string): string {
  const facts: ChannelFacts = { source, medium, campaign, clickId }
  return channelOf(facts)
}

test.each([
  [google, 'Organic Search'],
  [facebook, 'Organic Social'],
  [youtube, 'Organic Video'],
  [amazon, 'Organic Shopping'],
  [chatgpt, 'AI Assistants'],
  [gmail, 'Email'],
  [ads, 'Display'],
  [github, 'Referral'],
  [blog, 'Referral'],
  [undefined, 'Direct'],
])('%o alone', (source, expected) => {
  expect(channel(source)).toBe(expected)
})

describe('a paid medium', () => {
  test.each([
    [google, 'Paid Search'],
    [facebook, 'Paid Social'],
    [youtube, 'Paid Video'],
    [amazon, 'Paid Shopping'],
    [chatgpt, 'Paid Other'],
    [blog, 'Paid Other'],
    [undefined, 'Paid Other'],
  ])('from %o', (source, expected) => {
    for (const medium of ['cpc', 'CPC', 'ppc', 'retargeting', 'paid', 'paid-social', 'xcpx'])
      expect(channel(source, medium)).toBe(expected)
  })

  test('is one of these words, not a word that has one of them in it', () => {
    for (const medium of ['unpaid', 'pppc', 'my-retargeting', 'ppc2'])
      expect(channel(blog, medium)).toBe('Referral')
  })

  test('may be said by the source', () => {
    expect(channel({ ...google, paid: true })).toBe('Paid Search')
    expect(channel({ ...facebook, paid: true }, 'social')).toBe('Paid Social')
  })
})

describe('a medium names the channel where the source does not', () => {
  test.each([
    ['display', 'Display'],
    ['banner', 'Display'],
    ['interstitial', 'Display'],
    ['cpm', 'Display'],
    ['social', 'Organic Social'],
    ['social-network', 'Organic Social'],
    ['Social Media', 'Organic Social'],
    ['sm', 'Organic Social'],
    ['short-video', 'Organic Video'],
    ['organic', 'Organic Search'],
    ['email', 'Email'],
    ['E-Mail', 'Email'],
    ['e_mail', 'Email'],
    ['e mail', 'Email'],
    ['affiliate', 'Affiliates'],
    ['audio', 'Audio'],
    ['sms', 'SMS'],
    ['webpush', 'Mobile Push Notifications'],
    ['mobile-app', 'Mobile Push Notifications'],
    ['notification', 'Mobile Push Notifications'],
    ['referral', 'Referral'],
    ['cross-network', 'Cross-network'],
    ['something', 'Referral'],
  ])('%s: %s', (medium, expected) => {
    expect(channel(blog, medium)).toBe(expected)
  })

  test('also without any source', () => {
    expect(channel(undefined, 'email')).toBe('Email')
    expect(channel(undefined, 'referral')).toBe('Referral')
    expect(channel(undefined, 'something')).toBe('Direct')
    expect(channel(undefined, undefined, 'spring')).toBe('Direct')
  })

  test('sources that are media', () => {
    expect(channel({ name: 'SMS' })).toBe('SMS')
    expect(channel({ name: 'firebase' })).toBe('Mobile Push Notifications')
    for (const name of ['(direct)', 'direct']) expect(channel({ name }, '(none)')).toBe('Direct')
  })
})

test('rules go in the order of the groups', () => {
  expect(channel(google, 'cpc', 'x-Cross-Network-1')).toBe('Cross-network')
  expect(channel(google, 'cpc', 'spring shopping')).toBe('Paid Shopping')
  expect(channel(google, 'cpm')).toBe('Paid Search')
  expect(channel(facebook, 'email')).toBe('Organic Social')
  expect(channel(facebook, 'display')).toBe('Display')
  expect(channel(chatgpt, 'organic')).toBe('AI Assistants')
})

test('a campaign of shops', () => {
  for (const campaign of ['shop', 'my-shop', 'eshop', 'Shopping week'])
    expect(channel(blog, undefined, campaign)).toBe('Organic Shopping')
  for (const campaign of ['workshop', 'bishop', 'photoshop'])
    expect(channel(blog, undefined, campaign)).toBe('Referral')
})

test('a click id is an ad only where its network sold it', () => {
  for (const id of ['gclid', 'gbraid', 'wbraid'])
    expect(channel(google, undefined, undefined, id)).toBe('Paid Search')
  expect(channel(bing, undefined, undefined, 'msclkid')).toBe('Paid Search')
  expect(channel(google, undefined, undefined, 'msclkid')).toBe('Organic Search')
  expect(channel(bing, undefined, undefined, 'gclid')).toBe('Organic Search')
  expect(channel(duck, undefined, undefined, 'gclid')).toBe('Organic Search')
  expect(channel(facebook, undefined, undefined, 'fbclid')).toBe('Organic Social')
  expect(channel(blog, undefined, undefined, 'gclid')).toBe('Referral')
  expect(channel(undefined, undefined, undefined, 'gclid')).toBe('Direct')
  expect(channel({ name: 'Google' }, undefined, undefined, 'gclid')).toBe('Referral')
})
