import type { CollectionDefinition, PrivacyRule } from './collection.ts'

const STRICTNESS: Readonly<Record<PrivacyRule, number>> = { ignore: 0, anonymous: 1, drop: 2 }

/**
 * What a collection does with a visitor who wishes not to be tracked, as his browser says by `Sec-GPC`
 * (Global Privacy Control) or `DNT`: the stricter rule of those that apply.
 */
export function privacyRule(
  header: (name: string) => string | undefined,
  { privacy }: Pick<CollectionDefinition, 'privacy'>,
): PrivacyRule {
  const gpc = header('sec-gpc') === '1' ? privacy.gpc : 'ignore'
  const dnt = header('dnt') === '1' ? privacy.dnt : 'ignore'
  return STRICTNESS[gpc] >= STRICTNESS[dnt] ? gpc : dnt
}
