import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { families } from '../../src/telemetry.ts'
import { type Child, type Folder, freePort, startChild, temporaryFolder } from '../support/child.ts'
import { commandOf } from '../support/debian-package.ts'
import { ADMIN_KEY, startNode } from '../support/server.ts'

const docs = fileURLToPath(new URL('../../docs/grafana/', import.meta.url))
const rules = `${docs}alerts.yml`

/** A page of Grafana, as far as it asks Prometheus. */
interface Dashboard {
  readonly panels: readonly {
    readonly title: string
    readonly targets: readonly { readonly expr: string }[]
  }[]
}

const dashboard = JSON.parse(readFileSync(`${docs}dashboard.json`, 'utf8')) as Dashboard
const questions = dashboard.panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }) => [
    title,
    expr.replaceAll('$__rate_interval', '1m').replaceAll('$collection', '.*'),
  ]),
)

/** Names of metrics in a text, without what a counter or histogram puts after its family's. */
function namesIn(text: string): readonly string[] {
  const names = text.match(/\b(?:skerry|process)_[a-z_]+\b/g) ?? []
  return names.map((name) => name.replace(/_(?:total|bucket|count|sum)$/, ''))
}

function promtool(...args: readonly string[]): string {
  return execFileSync(commandOf('promtool', 'prometheus'), args, { encoding: 'utf8' })
}

describe('alerts', () => {
  test('are rules that Prometheus takes', () => {
    expect(promtool('check', 'rules', rules)).toMatch(/SUCCESS: 10 rules found/)
  })

  test('fire when something is wrong, and else not', async () => {
    const folder = await temporaryFolder()
    const cases = readFileSync(new URL('alerts.yml', import.meta.url), 'utf8').replace('RULES', rules)
    writeFileSync(join(folder.path, 'cases.yml'), cases)
    expect(promtool('test', 'rules', join(folder.path, 'cases.yml'))).toContain('SUCCESS')
    await folder.remove()
  })
})

describe('names', () => {
  test('in alerts, dashboard and documentation are those of the program', () => {
    const known = Object.keys(families)
    const texts = [rules, `${docs}dashboard.json`, `${docs}../metrics.md`].map((path) =>
      readFileSync(path, 'utf8'),
    )
    for (const text of texts) {
      const names = namesIn(text)
      expect(names.length).toBeGreaterThan(5)
      expect(names.filter((name) => !known.includes(name))).toEqual([])
    }
    expect([...new Set(namesIn(texts[2] ?? ''))].sort()).toEqual([...known].sort())
  })
})

describe('a Prometheus that scrapes a server', () => {
  let server: Awaited<ReturnType<typeof startNode>>
  let prometheus: Child
  let folder: Folder
  let api: string

  async function ask(path: string): Promise<{ readonly status: string; readonly data: never }> {
    return (await (await fetch(`${api}${path}`)).json()) as { status: string; data: never }
  }

  async function query(expr: string): Promise<readonly { readonly value: readonly [number, string] }[]> {
    const { status, data } = await ask(`/query?query=${encodeURIComponent(expr)}`)
    expect([expr, status]).toEqual([expr, 'success'])
    return (data as { result: never }).result
  }

  beforeAll(async () => {
    server = await startNode()
    folder = await temporaryFolder()
    writeFileSync(join(folder.path, 'skerry-key'), ADMIN_KEY)
    const config = readFileSync(`${docs}prometheus.yml`, 'utf8')
      .replace('30s', '1s\n    scrape_timeout: 1s')
      .replace('/etc/prometheus/skerry-key', join(folder.path, 'skerry-key'))
      .replace('127.0.0.1:4000', new URL(server.url).host)
      .replace('alerts.yml', rules)
    writeFileSync(join(folder.path, 'prometheus.yml'), config)
    const port = await freePort()
    api = `http://127.0.0.1:${port}/api/v1`
    prometheus = startChild(commandOf('prometheus', 'prometheus'), [
      `--config.file=${join(folder.path, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder.path, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ])
    await prometheus.until(/ready to receive web requests/)
  }, 60_000)
  afterAll(async () => {
    await prometheus?.stop()
    await server?.stop()
    await folder?.remove()
  })

  test('reads all of it, and counts as the server does', async () => {
    const headers = { Authorization: `Key ${ADMIN_KEY}` }
    for (let i = 0; i < 9; i++)
      await fetch(`${server.url}/pageviews`, { method: 'POST', headers, body: i < 7 ? '{"page":"/"}' : '{' })
    const beacons = 'sum by (outcome) (skerry_beacons_total)'
    await expect
      .poll(async () => (await query(beacons)).map(({ value }) => value[1]).sort(), { timeout: 15_000 })
      .toEqual(['2', '7'])
    expect((await query('up{job="skerry"}'))[0]?.value[1]).toBe('1')
    expect(
      (await query('skerry_request_duration_seconds_bucket{le="+Inf",route="/:collection"}'))[0]?.value[1],
    ).toBe('9')
    const { data } = await ask('/metadata')
    const counted = Object.keys(families).filter((name) =>
      Object.keys(data).some((one) => one.startsWith(name)),
    )
    expect(counted.length).toBeGreaterThan(10)
  })

  test.each(questions)('answers the dashboard: %s (%s)', async (_title, expr) => {
    await query(expr ?? '')
  })

  test('has something to show for what happened', async () => {
    for (const title of [
      'Store',
      'Beacons by outcome',
      'Commits, and those that fail',
      'Memory',
      'Columns in memory',
    ]) {
      const [, expr = ''] = questions.find(([one]) => one === title) ?? []
      await expect.poll(async () => (await query(expr)).length, { timeout: 10_000 }).toBeGreaterThan(0)
    }
  })
})
