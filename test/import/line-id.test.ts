import { expect, test } from 'vitest'
import { createLineIds } from '../../src/import/line-id.ts'

test('the same records have the same ids, records that are alike ids of their own', () => {
  const file = ['a', 'b', 'a', 'a', 'c']
  const ids = file.map(createLineIds())
  expect(new Set(ids).size).toBe(5)
  expect(file.map(createLineIds())).toEqual(ids)
  expect(['c', 'a'].map(createLineIds())).toEqual([ids[4], ids[0]])
  expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true)
})

test('another run has other ids', () => {
  expect(createLineIds('2')('a')).not.toBe(createLineIds()('a'))
})

test('records that are alike are told apart though many stand between them', () => {
  const idOf = createLineIds()
  const first = idOf('a')
  for (let i = 0; i < 60_000; i++) idOf(`other ${i}`)
  expect(idOf('a')).not.toBe(first)
})
