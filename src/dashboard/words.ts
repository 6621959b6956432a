import type { Asset } from '../lists.ts'
import type { Texts } from './texts.ts'

export const languageNames: ReadonlyMap<string, string> = new Map([
  ['en', 'English'],
  ['de', 'Deutsch'],
])

/** A text by its name, with values put in. */
export type Words = (name: keyof Texts, values?: Readonly<Record<string, string>>) => string

const known: Map<string, Texts> = new Map()

/** The words of a language, read once. */
export async function wordsOf(language: string, asset: Asset): Promise<Words> {
  const texts = known.get(language) ?? (JSON.parse(await asset(`${language}.json`)) as Texts)
  known.set(language, texts)
  return (name, values = {}) =>
    (texts[name] ?? String(name)).replace(/\{(\w+)\}/g, (_, key: string) => values[key] ?? '')
}

/** A fault as people read it, in English where nobody put it into their words. */
export function faultWords(words: Words, detail: string): string {
  const values: Record<string, string> = {}
  const name = `fault: ${detail.replace(/"[^"]*"|\d+/g, (value) => {
    const key = String(Object.keys(values).length)
    values[key] = value
    return `{${key}}`
  })}`
  return words(name as keyof Texts, values).replace(/^fault: /, '')
}

/** The first language of an `Accept-Language` header that there are texts in. */
export function languageFor(accept: string): string {
  const wished = accept.split(',').map((part) => part.trim().slice(0, 2).toLowerCase())
  return wished.find((language) => languageNames.has(language)) ?? 'en'
}
