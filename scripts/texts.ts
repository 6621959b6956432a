import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { translations } from '../src/dashboard/texts.ts'

/**
 * The dashboard's words, from `src/dashboard/texts/` to `assets/`.
 *
 *     npm run build:texts
 */

const ASSETS = fileURLToPath(new URL('../assets/', import.meta.url))

/** Each language's file by its name. */
export function buildTexts(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(translations).map(([language, texts]) => [
      `${language}.json`,
      `${JSON.stringify(texts, null, 2)}\n`,
    ]),
  )
}

if (import.meta.main) for (const [name, text] of buildTexts()) await writeFile(join(ASSETS, name), text)
