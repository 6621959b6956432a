import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const program = new URL('../../adapters/runtime/idle-collection.ts', import.meta.url).href

/** A process that has 50 MB which nobody needs, and then nothing to do; whether it collects is what differs. */
function heapUsedAfter(work: string): number {
  const script = `
    const { collectWhenIdle } = await import(${JSON.stringify(program)})
    let garbage = Array.from({ length: 500_000 }, (_, i) => ({ i, text: String(i) }))
    garbage = undefined
    ${work}
    await new Promise((resolve) => setTimeout(resolve, 1000))
    console.log(process.memoryUsage().heapUsed)`
  return Number(
    execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }),
  )
}

test('a process that has nothing to do collects its garbage', () => {
  const without = heapUsedAfter('')
  expect(without).toBeGreaterThan(30_000_000)
  expect(heapUsedAfter('collectWhenIdle(50)')).toBeLessThan(without - 20_000_000)
})
