import { readFile } from 'node:fs/promises'
import type { Asset } from '../../src/lists.ts'

/** The files beside the program, as a runtime reads them. */
export const asset: Asset = (name) => readFile(new URL(`../../assets/${name}`, import.meta.url), 'utf8')
