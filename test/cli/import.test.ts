import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openShell, type Shell, ways } from '../support/cli.ts'
import { commandOf } from '../support/debian-package.ts'
import { blockOf } from '../support/docs.ts'
import { ADMIN_KEY, startNode } from '../support/server.ts'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'

/** Lines of a day's log: a page view each, of one of seven visitors. */
function log(lines: number, first = 0): string {
  return Array.from({ length: lines }, (_, i) => {
    const n = first + i
    const time = `10/Oct/2026:${String(8 + (Math.floor(n / 100) % 12)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}:00 +0000`
    return `203.0.113.${n % 7} - - [${time}] "GET /page-${n % 5} HTTP/1.1" 200 ${n} "https://news.example/" "${FIREFOX}"\n`
  }).join('')
}

for (const [way, open] of Object.entries(ways)) {
  describe(`skerry import over ${way}`, () => {
    const name = `import-${Math.random().toString(36).slice(2)}`
    let shell: Shell
    const file = (path: string): string => `${shell.folder.path}/${path}`
    const count = async (...words: readonly string[]): Promise<readonly number[]> => {
      const { out } = await shell.run([
        'query',
        name,
        '-m',
        'events',
        '-m',
        'visitors',
        '-r',
        'all',
        '--json',
        ...words,
      ])
      return (JSON.parse(out) as { results: { metrics: number[] }[] }).results[0]?.metrics ?? []
    }
    beforeAll(async () => {
      shell = await open()
      await shell.run(['collections', 'add', name])
      await writeFile(file('access.log'), log(2500))
      await writeFile(file('access.log.1.gz'), gzipSync(log(500, 2300)))
    })
    afterAll(() => shell.stop())

    test('takes a log, once however often it is told to', async () => {
      const words = ['import', name, file('access.log'), '--host', 'shop.example']
      const tried = await shell.run([...words, '--dry-run'])
      expect(tried.err).toContain('(log): 2500 events of 2500 records')
      expect(await count()).toEqual([0, 0])
      const first = await shell.run(words)
      expect(first).toMatchObject({ code: 0, out: '2500 new events in import "access.log", 2500 in all\n' })
      expect(await count()).toEqual([2500, 7])
      expect(await count('--where', 'hostname=shop.example', '--where', 'source=news.example')).toEqual([
        2500, 7,
      ])
      expect((await shell.run(words)).out).toBe('0 new events in import "access.log", 2500 in all\n')
    })

    test('takes of another file that overlaps what is new in it', async () => {
      const words = [
        'import',
        name,
        file('access.log.1.gz'),
        '--host',
        'shop.example',
        '--name',
        'access.log',
      ]
      expect((await shell.run(words)).out).toBe('300 new events in import "access.log", 2800 in all\n')
      expect((await shell.run(words)).out).toBe('0 new events in import "access.log", 2800 in all\n')
    })

    test('is undone, and done again by another run', async () => {
      const [before = 0] = await count()
      expect(await shell.run(['import', name, '--undo', 'access.log'])).toMatchObject({ code: 2, out: '' })
      expect((await shell.run(['import', name, '--undo', 'access.log', '--yes'])).out).toBe(
        `${before} events erased\n`,
      )
      expect(await count()).toEqual([0, 0])
      const again = await shell.run(['import', name, file('access.log')])
      expect(again.out).toBe('0 new events in import "access.log", 0 in all\n')
      expect(again.err).toContain('--run')
      const run = ['import', name, file('access.log'), '--run', '2']
      expect((await shell.run(run)).out).toBe('2500 new events in import "access.log", 2500 in all\n')
      expect((await shell.run(run)).out).toBe('0 new events in import "access.log", 2500 in all\n')
      await shell.run(['import', name, '--undo', 'access.log', '--yes'])
    })

    test('counts records that are alike, each once', async () => {
      const lines = '{"time":"2026-01-01T00:00:00Z","page":"/same","visitor":"v"}\n'.repeat(3)
      const words = ['import', name, '-', '--name', 'alike']
      expect((await shell.run(words, lines)).out).toBe('3 new events in import "alike", 3 in all\n')
      expect((await shell.run(words, lines)).out).toBe('0 new events in import "alike", 3 in all\n')
      await shell.run(['import', name, '--undo', 'alike', '--yes'])
    })

    test('brings an export back whole, as another collection', async () => {
      const from = `${name}-from`
      await shell.run(['collections', 'add', from, '--attribute', 'plan'])
      await shell.run(['demo', from, '--days', '3', '--visitors', '40', '-q'])
      const exported = await shell.run(['export', from])
      const imported = await shell.run(['import', name, '-', '--name', 'copy'], exported.out)
      expect(imported.code).toBe(0)
      const ask = async (collection: string): Promise<string> =>
        (
          await shell.run([
            'query',
            collection,
            'page',
            'country',
            '-m',
            'events',
            '-m',
            'pageviews',
            '-r',
            'all',
            '-n',
            '500',
            '--csv',
          ])
        ).out
      expect((await ask(from)).split('\r\n').length).toBeGreaterThan(30)
      expect(await ask(name)).toBe(await ask(from))
      expect(await count()).toEqual([expect.any(Number), 0])
      await shell.run(['collections', 'remove', from, '--yes'])
    })

    test('says what is wrong with what', async () => {
      const lines = [
        '{"time":"2026-01-01T00:00:00Z","page":"/a","id":"x"}',
        '{"time":"2199-01-01T00:00:00Z","page":"/b"}',
        '{"time":"2026-01-01T00:00:00Z"}',
        '{',
      ]
      const { code, err } = await shell.run(['import', name, '-', '--name', 'bad'], lines.join('\n'))
      expect(code).toBe(0)
      expect(err).toContain('3 events of 4 records; left out: 1 that cannot be read (the first: record 4)')
      expect(err).toContain('2 are not valid')
      expect(err).toContain('-, record 2: time must not be in the future')
      expect(err).toContain('-, record 3: page is required for a pageview')
      expect(await shell.run(['import', name, '-'], 'nonsense')).toMatchObject({
        code: 1,
        err: expect.stringContaining('the format cannot be told'),
      })
      expect(
        await shell.run(['import', name, '-'], 'date,visitors,pageviews\n2026-01-01,1,1\n'),
      ).toMatchObject({
        code: 1,
        err: expect.stringContaining('sums of days'),
      })
      expect((await shell.run(['import', name, '-'], '')).code).toBe(1)
      await writeFile(file('cut.log.gz'), gzipSync(log(100)).subarray(0, 400))
      expect((await shell.run(['import', name, file('cut.log.gz')])).err).toContain(
        'cannot be read: Z_BUF_ERROR',
      )
      await writeFile(file('export.zip'), 'PK\u0003\u0004 and so on')
      expect((await shell.run(['import', name, file('export.zip')])).err).toContain('unpack it first')
      expect((await shell.run(['import', name, file('missing')])).err).toContain('cannot be read: ENOENT')
      expect((await shell.run(['import', `${name}-none`, file('access.log')])).err).toContain(
        '404: No such collection',
      )
      expect((await shell.run(['import', name, '-', '--format', 'xml'], 'x')).code).toBe(2)
    })
  })
}

test('visits of Matomo become events as docs/migrate/matomo.md says', async () => {
  const visit = {
    ...{
      idVisit: '7',
      visitorId: 'b329fb883be92ef2',
      userId: null,
      referrerUrl: 'https://news.example/item?q=x',
    },
    ...{ browserName: 'Firefox', operatingSystemName: 'Windows', deviceType: 'Desktop', city: null },
    ...{ countryCode: 'fr', languageCode: 'fr', resolution: '1024x768', serverTimestamp: 1772442000 },
  }
  const url = 'https://shop.example/a?mail=x'
  const days = [
    {
      ...visit,
      actionDetails: [
        { type: 'action', url, pageTitle: 'A', pageId: '1', timestamp: 1772442000 },
        {
          type: 'event',
          url,
          pageId: '2',
          timestamp: 1772442030,
          eventCategory: 'video',
          eventAction: 'play',
        },
        { type: 'outlink', url: 'https://other.example/', pageId: null, timestamp: 1772442060 },
        { type: 'search', url: null, timestamp: 1772442090 },
      ],
    },
    {
      ...{ ...visit, idVisit: '8', visitorId: 'c0ffee', countryCode: 'xx1' },
      actionDetails: [{ type: 'action', url, pageId: '3', timestamp: 1772442000 }],
    },
  ]
  const shell = await openShell({})
  await writeFile(`${shell.folder.path}/matomo.jq`, blockOf('docs/migrate/matomo.md', 'jq'))
  const words = ['-c', '-f', `${shell.folder.path}/matomo.jq`]
  // A day without visits is an empty list.
  const input = `${JSON.stringify(days)}\n[]\n`
  const lines = execFileSync(commandOf('jq', 'jq'), words, { input, encoding: 'utf8' })
  await shell.run(['collections', 'add', 'moved'])
  const taken = (count: number) => ({
    ...{ code: 0, out: `${count} new events in import "matomo", 4 in all\n` },
  })
  for (const count of [4, 0])
    expect(await shell.run(['import', 'moved', '-', '--name', 'matomo'], lines)).toMatchObject(taken(count))
  const { out } = await shell.run(['export', 'moved'])
  const events = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const known = { browser: 'Firefox', os: 'Windows', device: 'Desktop', country: 'FR', language: 'fr' }
  expect(events.filter(({ country }) => country === 'FR')).toMatchObject([
    { name: 'pageview', page: '/a', title: 'A', time: '2026-03-02T09:00:00.000Z', ...known },
    { name: 'play', page: '/a', props: { category: 'video' }, time: '2026-03-02T09:00:30.000Z', ...known },
    { name: 'outlink', props: { url: 'https://other.example/' }, ...known },
  ])
  expect(events[0]).toMatchObject({ hostname: 'shop.example', referrer: 'https://news.example/item' })
  const asked = ['query', 'moved', '-m', 'pageviews', '-m', 'visitors', '-m', 'visits', '-r', 'all', '--csv']
  expect((await shell.run(asked)).out).toBe('pageviews,visitors,visits\r\n2,2,2\r\n')
  await shell.stop()
})

test('a server key is enough to import', async () => {
  const server = await startNode()
  const admin = await openShell({ SKERRY_KEY: ADMIN_KEY })
  const { out: key } = await admin.run(['keys', 'add', 'pageviews', 'server', '--url', server.url])
  const shell = await openShell({ SKERRY_KEY: key.trim() })
  await writeFile(`${shell.folder.path}/access.log`, log(10))
  const done = await shell.run([
    'import',
    'pageviews',
    `${shell.folder.path}/access.log`,
    '--url',
    server.url,
  ])
  expect(done).toMatchObject({ code: 0, out: '10 events sent as import "access.log"\n' })
  await shell.stop()
  await admin.stop()
  await server.stop()
})

test('a server that goes away in the midst of an import comes back, and nothing is lost or counted twice', {
  timeout: 60_000,
}, async () => {
  const first = await startNode()
  const port = new URL(first.url).port
  const shell = await openShell({ SKERRY_KEY: ADMIN_KEY })
  await writeFile(`${shell.folder.path}/access.log`, log(60_000))
  const importing = shell.run(['import', 'pageviews', `${shell.folder.path}/access.log`, '--url', first.url])
  const count = async (url: string): Promise<number> => {
    const response = await fetch(`${url}/pageviews/count`, { headers: { Authorization: `Key ${ADMIN_KEY}` } })
    return ((await response.json()) as { count: number }).count
  }
  await expect.poll(() => count(first.url), { timeout: 20_000 }).toBeGreaterThan(3000)
  first.child.signal('SIGKILL')
  await first.child.ended
  const second = await startNode({ PORT: port, SKERRY_DATA: first.folder.path })
  expect(await importing).toMatchObject({ code: 0, out: expect.stringContaining('60000 in all') })
  expect(await count(second.url)).toBe(60_000)
  await second.stop()
  await first.stop()
  await shell.stop()
})
