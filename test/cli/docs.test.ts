import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Folder, temporaryFolder } from '../support/child.ts'
import { commandOf } from '../support/debian-package.ts'
import { blocksOf } from '../support/docs.ts'
import { ADMIN_KEY, type Server, startNode } from '../support/server.ts'

const skerry = fileURLToPath(new URL('../../bin/skerry.js', import.meta.url))

/** Pages in the order in which somebody would do what they say: later ones need what earlier ones made. */
const pages = ['docs/cli.md', 'docs/import.md', 'docs/backup.md', 'README.md', 'docs/query.md']

/** What stands in a page as a command of ours or as a request to a server, a block each. */
const blocks = pages.flatMap((page) =>
  blocksOf(page)
    .filter(({ info, text }) => info === 'sh' && /(?:^|[ |])skerry [a-z]|localhost:4000/m.test(text))
    .map(({ text }) => ({ page, text, first: text.split('\n', 1)[0] ?? '' })),
)

describe('commands of the docs, beside a server that runs', () => {
  let server: Server
  let folder: Folder
  let env: NodeJS.ProcessEnv
  beforeAll(async () => {
    folder = await temporaryFolder()
    commandOf('jq', 'jq')
    server = await startNode({ SKERRY_DATA: `${folder.path}/data` })
    for (const name of ['bin', 'logs', 'backups']) await mkdir(`${folder.path}/${name}`)
    const line = (i: number) =>
      `203.0.113.${i} - - [10/Oct/2026:08:0${i}:00 +0000] "GET /page-${i} HTTP/1.1" 200 5 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"\n`
    await writeFile(`${folder.path}/logs/access.log`, [1, 2, 3].map(line).join(''))
    await writeFile(`${folder.path}/access.log`, [4, 5].map(line).join(''))
    // What goes on until it is stopped is stopped, and a refusal is a failure.
    const scripts = {
      skerry: `case "$1" in serve|tail) timeout -s INT 4 '${process.execPath}' '${skerry}' "$@"; [ $? = 124 ]; exit;; esac
exec '${process.execPath}' '${skerry}' "$@"`,
      curl: `case "$*" in -N*) '${commandOf('curl', 'curl')}' -sSf -m 3 "$@"; [ $? = 28 ]; exit;; esac
exec '${commandOf('curl', 'curl')}' -sSf -m 20 "$@"`,
    }
    for (const [name, script] of Object.entries(scripts))
      await writeFile(`${folder.path}/bin/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    const PATH = `${folder.path}/bin${delimiter}${process.env.PATH}`
    env = { PATH, HOME: folder.path, SKERRY_DATA: `${folder.path}/data`, PORT: '0', HOST: '127.0.0.1' }
  }, 60_000)
  afterAll(async () => {
    await server?.stop()
    await folder?.remove()
  })

  /** The page's words in this test's place. */
  function placed(text: string): string {
    return text
      .replaceAll('https://collect.example', server.url)
      .replaceAll('http://localhost:4000', server.url)
      .replaceAll(/sk[ar]_…/g, ADMIN_KEY)
      .replaceAll('/var/log/nginx/', `${folder.path}/logs/`)
      .replaceAll('/backups/', `${folder.path}/backups/`)
      .replaceAll('2026-11-28.db', '$(date +%F).db')
      .replace(/^skerry doctor --url/m, `SKERRY_KEY=${ADMIN_KEY} $&`)
  }

  test.each(blocks)('$page: $first', { timeout: 120_000 }, async ({ text }) => {
    const run = promisify(execFile)('sh', ['-ec', placed(text)], { cwd: folder.path, env })
    await expect(run.then(() => 'done')).resolves.toBe('done')
  })

  test('are not few, and one that is wrong would be found out', async () => {
    expect(blocks.length).toBeGreaterThanOrEqual(12)
    for (const wrong of ['skerry query example.com --nonsense', `curl ${server.url}/nonsense`])
      await expect(promisify(execFile)('sh', ['-ec', wrong], { env })).rejects.toThrow(/nonsense|40\d/)
  })
})
