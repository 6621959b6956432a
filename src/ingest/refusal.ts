import { botOf } from '../agent/bot.ts'
import type { CollectionDefinition } from '../collection.ts'
import { matchesOrigin } from '../origin.ts'
import type { RefusalCode } from '../refusal.ts'
import type { Making, StepFacts } from './making.ts'
import type { Sender } from './sender.ts'

/** Why an event is not counted. */
export interface Refusal {
  readonly code: RefusalCode
  /** Short name of the bot or AI agent. */
  readonly bot?: string | undefined
}

export interface PolicyFacts extends StepFacts {
  readonly definition: CollectionDefinition
}

/** A rule that may turn an event away. */
type Policy = (making: Making, facts: PolicyFacts) => Refusal | undefined

const prefetch: Policy = (_making, { sender }) => (sender.isPrefetch ? { code: 'prefetch' } : undefined)

const origin: Policy = (_making, { sender, definition }) =>
  isForeign(sender, definition) ? { code: 'origin' } : undefined

const privacy: Policy = (_making, { sender }) => (sender.privacy === 'drop' ? { code: 'privacy' } : undefined)

const bot: Policy = ({ agent, isOwn }, { sender, definition }) => {
  if (definition.policies.bots === 'off' || sender.isClient) return undefined
  const found = botOf({
    agent: agent ?? sender.agent,
    hints: isOwn ? sender.hints : {},
    languages: isOwn ? sender.languages : undefined,
    isDriven: sender.isDriven,
  })
  return found && { code: 'bot', bot: found.name }
}

const spam: Policy = ({ referrer }, { lists }) =>
  referrer?.hostname !== undefined && !referrer.isApp && lists.isSpammer(referrer.hostname)
    ? { code: 'spam' }
    : undefined

/** Said outright, so it needs no judgement: also of events that a secret key vouches for. */
const driven: Policy = (_making, { sender }) =>
  sender.isDriven ? { code: 'bot', bot: 'unknown' } : undefined

const forPublicKeys: readonly Policy[] = [privacy, prefetch, origin, bot, spam]
/** A secret key vouches for its events; what visitors wish holds all the same. */
const forSecretKeys: readonly Policy[] = [privacy, driven]
const forJudgedSecretKeys: readonly Policy[] = [privacy, driven, bot]

/** The first policy that turns an event away; undefined: none does. */
export function refusalOf(making: Making, facts: PolicyFacts): Refusal | undefined {
  const { sender, definition } = facts
  const judged = definition.policies.bots === 'all' ? forJudgedSecretKeys : forSecretKeys
  for (const policy of sender.isTrusted ? judged : forPublicKeys) {
    const refusal = policy(making, facts)
    if (refusal) return refusal
  }
  return undefined
}

/** The `Origin` header, which browsers send and pages cannot forge, is none that the collection lists. */
function isForeign({ origin }: Sender, { origins }: CollectionDefinition): boolean {
  return origin !== undefined && origins.length > 0 && !matchesOrigin(origin, origins)
}
