import { describe, expect, test } from 'vitest'
import { groupCommit } from '../../src/store/group-commit.ts'
import type { Append } from '../../src/store/store.ts'

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A journal whose commits end when the test says so. */
function slowJournals(atom: 'store' | 'collection') {
  const commits: { readonly appends: readonly Append[]; readonly end: (error?: Error) => void }[] = []
  const append = (appends: readonly Append[]): Promise<void> =>
    new Promise((resolve, reject) =>
      commits.push({ appends, end: (error) => (error ? reject(error) : resolve()) }),
    )
  return { commits, journals: { atom, append } }
}

describe('group commit', () => {
  test('takes all that gathered while a commit was in flight into the next one', async () => {
    const { commits, journals } = slowJournals('store')
    const writer = groupCommit(journals, soon)
    const done: string[] = []
    const add = (name: string, part: string) => writer.add(name, [part]).then(() => done.push(part))
    const all = [add('a', '1')]
    await expect.poll(() => commits.length).toBe(1)
    all.push(add('a', '2'), add('b', '3'), add('a', '4'))
    await soon()
    expect([commits.length, done]).toEqual([1, []])
    commits[0]?.end()
    await expect.poll(() => commits.length).toBe(2)
    expect(done).toEqual(['1'])
    expect(commits[1]?.appends).toEqual([
      { collection: 'a', entries: ['[1,2,4]'] },
      { collection: 'b', entries: ['[1,3]'] },
    ])
    commits[1]?.end()
    await Promise.all(all)
    expect(done).toEqual(['1', '2', '3', '4'])
  })

  test('lets collections wait only for themselves where they cannot share a commit', async () => {
    const { commits, journals } = slowJournals('collection')
    const writer = groupCommit(journals, soon)
    const all = [writer.add('a', ['1']), writer.add('b', ['2'])]
    await expect.poll(() => commits.length).toBe(2)
    commits[1]?.end()
    await all[1]
    commits[0]?.end()
    await all[0]
  })

  test('fails those of a failed commit, and goes on with the next', async () => {
    const { commits, journals } = slowJournals('store')
    const writer = groupCommit(journals, soon)
    const first = writer.add('a', ['1'])
    await expect.poll(() => commits.length).toBe(1)
    const second = writer.add('a', ['2'])
    commits[0]?.end(new Error('down'))
    await expect(first).rejects.toThrow('down')
    await expect.poll(() => commits.length).toBe(2)
    commits[1]?.end()
    await second
  })

  test('is full when too many wait, however short they are', async () => {
    const { commits, journals } = slowJournals('store')
    const writer = groupCommit(journals, soon)
    const all = Array.from({ length: 20_000 }, () => writer.add('a', ['1']))
    expect(writer.isFull()).toBe(true)
    await expect(writer.add('a', ['2'])).rejects.toMatchObject({ code: 'overloaded' })
    await expect.poll(() => commits.length).toBe(1)
    commits[0]?.end()
    await Promise.all(all)
    expect(writer.isFull()).toBe(false)
    expect(commits[0]?.appends.flatMap(({ entries }) => entries).join('')).not.toContain('2')
  })

  test('is full when too much waits, says so, and has room again after a commit', async () => {
    const { commits, journals } = slowJournals('store')
    const writer = groupCommit(journals, soon)
    const parts = Array.from({ length: 9 }, () => 'x'.repeat(400_000))
    const all = Array.from({ length: 5 }, () => writer.add('a', parts))
    expect(writer.isFull()).toBe(true)
    await expect(writer.add('a', ['y'])).rejects.toMatchObject({ code: 'overloaded' })
    for (let i = 0; i < 5; i++) {
      await expect.poll(() => commits.length).toBe(i + 1)
      commits[i]?.end()
    }
    await Promise.all(all)
    expect(writer.isFull()).toBe(false)
    // A commit takes a few MB, so that a hosted Redis takes the request.
    expect(
      commits.every(({ appends }) => appends.flatMap(({ entries }) => entries).join('').length < 5_000_000),
    ).toBe(true)
  })
})
