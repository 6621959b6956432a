import { describe, expect, test } from 'vitest'
import { demoDay } from '../../adapters/cli/demo-visits.ts'
import { openShell } from '../support/cli.ts'
import { ADMIN_KEY, startNode } from '../support/server.ts'

describe('a day of the demo', () => {
  const all = [...demoDay('2026-11-25', 300, Infinity)]

  test('is always the same, and another one another', () => {
    expect([...demoDay('2026-11-25', 300, Infinity)]).toEqual(all)
    expect([...demoDay('2026-11-26', 300, Infinity)].map(({ page }) => page)).not.toEqual(
      all.map(({ page }) => page),
    )
  })

  test('lies in its day, or an hour past it for whoever came late, and ends when told', () => {
    const midnight = Date.parse('2026-11-25T00:00:00Z')
    const times = all.map(({ time }) => Number(time))
    expect(Math.min(...times)).toBeGreaterThanOrEqual(midnight)
    expect(Math.max(...times)).toBeLessThan(midnight + 26 * 3_600_000)
    const noon = midnight + 12 * 3_600_000
    const half = [...demoDay('2026-11-25', 300, noon)]
    expect(half).toEqual(all.filter(({ time }) => Number(time) <= noon))
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  })
})

test('skerry demo makes a collection worth looking at, once', async () => {
  const shell = await openShell({})
  expect((await shell.run(['demo', '--days', '10', '--visitors', '100'])).code).toBe(0)
  const words = [
    'query',
    'demo',
    '-m',
    'visitors',
    '-m',
    'bounce_rate',
    '-m',
    'events',
    '-m',
    'total_revenue',
    '-r',
    'all',
    '--json',
  ]
  const ask = async (): Promise<readonly unknown[]> =>
    (JSON.parse((await shell.run(words)).out) as { results: { metrics: unknown[] }[] }).results[0]?.metrics ??
    []
  const before = await ask()
  expect(before[0]).toBeGreaterThan(500)
  expect(before[1]).toBeGreaterThan(20)
  expect(before[1]).toBeLessThan(80)
  expect((await shell.run(['demo', '--days', '9', '--visitors', '100'])).code).toBe(0)
  const after = await ask()
  expect(Number(after[2]) - Number(before[2])).toBeLessThan(20)
  expect((await shell.run(['collections', 'show', 'demo'])).out).toContain('"Purchase"')
  await shell.stop()
})

test('skerry bench measures, and leaves nothing behind', async () => {
  const server = await startNode()
  const shell = await openShell({ SKERRY_KEY: ADMIN_KEY })
  const done = await shell.run([
    'bench',
    '--url',
    server.url,
    '--seconds',
    '1',
    '--connections',
    '4',
    '--json',
  ])
  expect(done.code).toBe(0)
  const parts = JSON.parse(done.out) as {
    part: string
    perSecond: number
    medianMs: number
    failed: number
  }[]
  expect(parts).toHaveLength(3)
  for (const { perSecond, medianMs, failed } of parts) {
    expect(perSecond).toBeGreaterThan(0)
    expect(medianMs).toBeGreaterThan(0)
    expect(failed).toBe(0)
  }
  expect((await shell.run(['collections', '--url', server.url])).out).not.toContain('bench-')
  await shell.stop()
  await server.stop()
})
