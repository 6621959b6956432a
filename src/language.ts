const TAG = /^([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?(?![a-z\d])/i

/** A language as BCP 47 writes it: `de-DE`, `zh-Hant-TW`; variants and extensions are left out. Other text stays as it is. */
export function languageOf(text: string): string {
  const [, language, script, region] = TAG.exec(text) ?? []
  if (language === undefined) return text
  const titled = script && script.charAt(0).toUpperCase() + script.slice(1).toLowerCase()
  return [language.toLowerCase(), titled, region?.toUpperCase()].filter(Boolean).join('-')
}

/** The language that a browser likes best, of its `Accept-Language` (RFC 9110): browsers put it first. */
export function preferredLanguage(accepted: string | undefined): string | undefined {
  return accepted !== undefined && TAG.test(accepted) ? languageOf(accepted) : undefined
}
