import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'rolldown'
import { minify } from 'terser'

/**
 * What browsers run of `web/tracker/`, into `assets/`, where it is committed.
 *
 *     npm run build:tracker
 */

const ROOT = fileURLToPath(new URL('../', import.meta.url))

/** Scripts by the names under which they are served. */
export const scripts = ['s.js', 'vitals.js', 'errors.js', 'outbox.js', 'optout.js'] as const

/** One script, minified; the same bytes each time. */
export async function buildScript(name: (typeof scripts)[number]): Promise<string> {
  const { output } = await build({
    input: join(ROOT, 'web/tracker', name.replace('.js', '.ts')),
    platform: 'browser',
    write: false,
    onLog(level, log): void {
      if (level === 'warn') throw new Error(log.message)
    },
    output: { format: name === 's.js' || name === 'outbox.js' ? 'esm' : 'iife', minify: false },
  })
  const { code = '' } = await minify(name === 's.js' ? loosen(output[0].code) : output[0].code, {
    ecma: 2020,
    toplevel: true,
    compress: { passes: 5, unsafe_arrows: true, unsafe_methods: true },
    format: { comments: false },
    ...(name === 's.js' && { mangle: { toplevel: true, nth_identifier: { get: letter } } }),
  })
  return code.replace(/;$/, '')
}

/** Names in the order of use: found by trying which compress best, since the budget is one of single bytes. */
const LETTERS = 'trleisuadopnmcwqfgjzxyhvkb'

function letter(n: number): string {
  return LETTERS[n] ?? `$${n}`
}

/** Shorter, and here the same: nothing is declared twice, and what is compared is of one type. */
function loosen(code: string): string {
  return code.replaceAll(/\bconst /g, 'let ').replaceAll(/([!=]=)=/g, '$1')
}

if (import.meta.main) {
  for (const name of scripts) {
    const code = await buildScript(name)
    await writeFile(join(ROOT, 'assets', name), code)
    const gzip = gzipSync(code, { level: 9 }).length
    console.log(`${name}: ${code.length} bytes, ${gzip} gzip, ${brotliCompressSync(code).length} brotli`)
  }
}
