import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formats } from '../../src/import/formats.ts'
import { openShell, type Shell, ways } from '../support/cli.ts'
import { startNode } from '../support/server.ts'

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')

for (const [way, open] of Object.entries(ways)) {
  describe(`the command line over ${way}`, () => {
    const name = `cli-${Math.random().toString(36).slice(2)}`
    let shell: Shell
    beforeAll(async () => {
      shell = await open()
      const made = await shell.run([
        'collections',
        'add',
        name,
        '--timezone',
        'Europe/Berlin',
        '--attribute',
        'plan',
      ])
      expect(made).toEqual({ code: 0, out: '', err: expect.stringContaining(`made ${name}`) })
    })
    afterAll(() => shell.stop())

    test('makes, changes, shows and lists collections', async () => {
      expect((await shell.run(['collections', 'set', name, '--retention', '400'])).code).toBe(0)
      const shown = await shell.run(['collections', 'show', name])
      expect(JSON.parse(shown.out)).toMatchObject({
        timezone: 'Europe/Berlin',
        attributes: ['plan'],
        retention: 400,
      })
      expect((await shell.run(['collections'])).out).toMatch(
        new RegExp(`^${name} +Europe/Berlin +page +any +400 days$`, 'm'),
      )
      expect(await shell.run(['collections', 'add', name])).toMatchObject({ code: 2, out: '' })
      expect(await shell.run(['collections', 'set', name, '--retention', 'x'])).toMatchObject({
        code: 2,
        out: '',
      })
      expect(await shell.run(['collections', 'remove', name])).toMatchObject({ code: 2, out: '' })
    })

    test('makes keys, lists them without their secrets, and removes them', async () => {
      const { out } = await shell.run(['keys', 'add', name, 'read'])
      expect(out).toMatch(/^skr_\S{40}\n$/)
      const [key] = JSON.parse((await shell.run(['keys', name, '--json'])).out) as [
        { id: string; kind: string },
      ]
      expect(key).toEqual({ id: expect.any(String), kind: 'read', created: expect.any(String) })
      expect((await shell.run(['keys', 'remove', name, key.id])).code).toBe(0)
      expect((await shell.run(['keys', 'remove', name, key.id])).err).toMatch(/^skerry: 404: /)
      expect((await shell.run(['keys', 'add', name, 'root'])).code).toBe(2)
    })

    test('imports, asks, exports and erases', async () => {
      const at = (day: number) => `2026-03-0${day}T12:00:00Z`
      const events = [
        { id: 'a', time: at(1), page: '/a', plan: 'pro', visitor: 'x', country: 'DE' },
        { id: 'b', time: at(1), page: '/b, "c"', visitor: 'x', country: 'DE' },
        { id: 'c', time: at(2), page: '/a', visitor: 'y', country: 'FR' },
        { id: 'd', time: at(3), page: '/=1+1', visitor: 'z' },
      ]
      const input = events.map((event) => JSON.stringify(event)).join('\n')
      expect((await shell.run(['import', name, '-', '--name', 'first'], input)).code).toBe(0)

      const all = ['-r', 'all']
      const table = await shell.run(['query', name, 'page', '-m', 'visitors', '-m', 'pageviews', ...all])
      expect(lines(table.out)).toEqual([
        'page     visitors  pageviews',
        '/a              2          2',
        '/=1+1           1          1',
        '/b, "c"         1          1',
      ])
      const csv = await shell.run([
        'query',
        name,
        'page',
        '-m',
        'events',
        ...all,
        '--where',
        'country=DE',
        '--csv',
      ])
      expect(csv.out).toBe('page,events\r\n/a,1\r\n"/b, ""c""",1\r\n')
      const json = await shell.run(['query', name, '-m', 'events', ...all, '--where', 'page!~/a', '--json'])
      expect(JSON.parse(json.out)).toMatchObject({ results: [{ metrics: [2] }] })
      const wrong = await shell.run(['query', name, 'pge', '-m', 'visits'])
      expect(wrong).toEqual({ code: 1, out: '', err: expect.stringContaining('/dimensions/0') })

      const exported = await shell.run(['export', name, '--from', '2026-03-01', '--to', '2026-03-02'])
      expect(lines(exported.out).map((line) => (JSON.parse(line) as { id: string }).id)).toEqual([
        'a',
        'b',
        'c',
      ])
      const file = `${shell.folder.path}/events.parquet`
      expect((await shell.run(['export', name, '-o', file])).code).toBe(0)
      const { asyncBufferFromFile, parquetReadObjects } = await import('hyparquet')
      expect(await parquetReadObjects({ file: await asyncBufferFromFile(file) })).toHaveLength(4)

      const asked = await shell.run(['erase', name, '--where', 'country=DE'])
      expect(asked.out).toBe('2 events would be erased: add --yes\n')
      expect((await shell.run(['erase', name, '--where', 'country=DE', '--yes'])).out).toBe('2\n')
      expect((await shell.run(['erase', name, '--yes'])).code).toBe(2)
      expect(lines((await shell.run(['export', name])).out)).toHaveLength(2)
    })

    test('removes a collection when told twice', async () => {
      expect(await shell.run(['collections', 'remove', name, '--yes'])).toEqual({
        code: 0,
        out: '',
        err: `removed ${name}\n`,
      })
      expect(await shell.run(['collections', 'show', name])).toMatchObject({
        code: 1,
        err: expect.stringMatching(/^skerry: 404: /),
      })
    })
  })
}

describe('the command line', () => {
  let shell: Shell
  beforeAll(async () => {
    shell = await openShell({})
  })
  afterAll(() => shell.stop())

  test('explains itself, as a whole and by commands', async () => {
    const { out } = await shell.run(['--help'])
    const names = [...out.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name = '']) => name)
    expect(names.length).toBeGreaterThan(12)
    for (const name of names) {
      const { code, out } = await shell.run([name, '--help'])
      expect([name, code]).toEqual([name, 0])
      expect(out).toMatch(new RegExp(`^\\S.+\\.\n\nUsage\n {2}skerry ${name}.*\n[^]+\nOptions\n[^]+--help`))
    }
  })

  test('is told in docs/cli.md, command by command, and formats in docs/import.md', async () => {
    const read = (name: string) => readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
    const [cli, imports] = await Promise.all([read('cli.md'), read('import.md')])
    const { out } = await shell.run(['--help'])
    for (const [, name] of out.matchAll(/^ {2}([a-z]+) {2,}\S/gm)) expect(cli).toContain(`| \`${name}\``)
    for (const { name } of formats) expect(imports).toContain(`| \`${name}\``)
  })

  test('says what it does not understand, and ends with 2', async () => {
    for (const words of [
      ['frobnicate'],
      ['query'],
      ['query', 'x', '--csv', '--json'],
      ['keys', 'x', 'y'],
      ['serve', 'x'],
      ['export', 'x', '--oops'],
    ])
      expect(await shell.run(words)).toEqual({
        code: 2,
        out: '',
        err: expect.stringMatching(/^skerry: .+ \(try: skerry [a-z]+ --help\)\n$/),
      })
  })

  test('makes no store to read from', async () => {
    expect(await shell.run(['collections'])).toEqual({
      code: 1,
      out: '',
      err: expect.stringContaining('there is no store in'),
    })
  })

  test('shows no key, wherever it stands', async () => {
    const secret = 'ska_a-secret-that-nobody-may-see'
    const server = await startNode()
    const answers = [
      await shell.run(['query', 'x', '--url', server.url, '--key', secret]),
      await shell.run(['query', 'x', '--url', `http://user:${secret}@127.0.0.1`, '--key', secret]),
      await shell.run(['query', 'x', '--url', `http://127.0.0.1:9/?key=${secret}`, '--key', secret]),
      await shell.run(['query', 'x', '--url', 'http://127.0.0.1:9', '--key', secret]),
      await shell.run(['query', 'x', '--key', secret]),
    ]
    await server.stop()
    for (const { code, out, err } of answers) {
      expect(code).toBeGreaterThan(0)
      expect(out + err).not.toContain(secret)
    }
  })

  test('works beside a running server on the same store', async () => {
    const server = await startNode()
    const env = await openShell({ SKERRY_DATA: server.folder.path })
    expect((await env.run(['keys', 'pageviews'])).out).toMatch(/ write .* skw_/)
    const input = '{"id": "a", "time": "2026-03-01T12:00:00Z", "page": "/a"}'
    expect((await env.run(['import', 'pageviews', '-'], input)).code).toBe(0)
    const headers = { Authorization: 'Key an-admin-key-for-tests' }
    expect(await (await fetch(`${server.url}/pageviews/count`, { headers })).json()).toEqual({ count: 1 })
    await env.stop()
    await server.stop()
  })
})
