import type { Source } from './sources.ts'

/** What tells a visit's channel. */
export interface ChannelFacts {
  readonly source: Source | undefined
  readonly medium: string | undefined
  readonly campaign: string | undefined
  /** Name of the parameter by which an ad network marked the click, such as `gclid`. */
  readonly clickId: string | undefined
}

/** A rule: the label of the channel, and the visits that belong to it. */
type Rule = readonly [label: string, holds: (visit: Visit) => boolean]

interface Visit {
  readonly source: Source | undefined
  readonly category: Source['category']
  /** Lower case; empty if there is none. */
  readonly medium: string
  readonly isPaid: boolean
  readonly isShop: boolean
  readonly isAdClick: boolean
}

const SHOP = /(?:^|[^a-df-z])shop|shopping/
const PAID = /cp|^ppc$|^retargeting$|^paid/
const DISPLAY = /^(?:display|banner|expandable|interstitial|cpm)$/
const SOCIAL = /^(?:social|social[- ](?:network|media)|sm)$/
const EMAIL = /^e[-_ ]?mail$/
const PUSH = /push$|mobile|notification/
const LINK = /^(?:referral|app|link)$/

/** The first rule that holds names the channel: Google Analytics' default groups, as Plausible orders them. */
const rules: readonly Rule[] = [
  ['Paid Shopping', (v) => v.isPaid && v.isShop],
  ['Paid Search', (v) => (v.isPaid && v.category === 'search') || v.isAdClick],
  ['Paid Social', (v) => v.isPaid && v.category === 'social'],
  ['Paid Video', (v) => v.isPaid && v.category === 'video'],
  ['Display', (v) => v.category === 'ads' || DISPLAY.test(v.medium)],
  ['Paid Other', (v) => v.isPaid],
  ['Organic Shopping', (v) => v.isShop],
  ['Organic Social', (v) => v.category === 'social' || SOCIAL.test(v.medium)],
  ['Organic Video', (v) => v.category === 'video' || v.medium.includes('video')],
  ['AI Assistants', (v) => v.category === 'ai'],
  ['Organic Search', (v) => v.category === 'search' || v.medium === 'organic'],
  ['Email', (v) => v.category === 'email' || EMAIL.test(v.medium)],
  ['Affiliates', (v) => v.medium === 'affiliate' || v.medium === 'affiliates'],
  ['Audio', (v) => v.medium === 'audio'],
  ['SMS', (v) => v.medium === 'sms' || isNamed(v, 'sms')],
  ['Mobile Push Notifications', (v) => PUSH.test(v.medium) || isNamed(v, 'firebase')],
  ['Referral', (v) => v.source !== undefined || LINK.test(v.medium)],
]

const DIRECT = 'Direct'

/** The channel of a visit, by the label that Plausible shows. */
export function channelOf({ source, medium = '', campaign = '', clickId }: ChannelFacts): string {
  if (!source && medium === '' && campaign === '') return DIRECT
  const [how, what] = [medium.toLowerCase(), campaign.toLowerCase()]
  if (what.includes('cross-network') || how === 'cross-network') return 'Cross-network'
  const isDirect = /^\(?direct\)?$/i.test(source?.name ?? '')
  const visit: Visit = {
    source: isDirect ? undefined : source,
    category: source?.category,
    medium: how,
    isPaid: source?.paid === true || PAID.test(how),
    isShop: source?.category === 'shopping' || SHOP.test(what),
    isAdClick: isAdClick(source, clickId),
  }
  return rules.find(([, holds]) => holds(visit))?.[0] ?? DIRECT
}

/** Google and Bing mark the clicks on their ads; anybody may carry such a mark along. */
function isAdClick(source: Source | undefined, clickId: string | undefined): boolean {
  if (source?.category !== 'search') return false
  return source.name === 'Bing'
    ? clickId === 'msclkid'
    : source.name === 'Google' && GOOGLE.test(clickId ?? '')
}

const GOOGLE = /^(?:gclid|gbraid|wbraid)$/

function isNamed({ source }: Visit, name: string): boolean {
  return source?.name.toLowerCase() === name
}
