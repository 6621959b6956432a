import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A fenced block of a page: what stands after the fence, and what stands in it. */
export interface Block {
  readonly info: string
  readonly text: string
}

/** The fenced blocks of a page below `docs/` or at the root, in their order. */
export function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(fileURLToPath(new URL(`../../${page}`, import.meta.url)), 'utf8')
  return [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info = '', block = '']) => ({
    info,
    text: block,
  }))
}

/** The only block of a language. */
export function blockOf(page: string, language: string): string {
  const [block, ...others] = blocksOf(page).filter(({ info }) => info === language)
  if (!block || others.length > 0) throw new Error(`${page} has not one block of ${language}`)
  return block.text
}
