import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { expect, test } from 'vitest'
import { memoryStore } from '../../src/store/memory.ts'
import { corpusContract } from '../contract/corpus.ts'
import { startProgram } from '../support/program.ts'
import { batchChapters } from './batches.ts'
import { dialectChapters } from './dialects.ts'
import { formChapters } from './forms.ts'
import { jsonChapters } from './json.ts'
import { nameChapters } from './names.ts'

const kinds = [
  Object,
  Array,
  Function,
  String,
  Number,
  Boolean,
  Map,
  Set,
  RegExp,
  Date,
  Error,
  Promise,
  Headers,
]

/** All that every object has, by name. */
function everybodys(): ReadonlyMap<string, unknown> {
  const all = new Map<string, unknown>()
  for (const kind of kinds) {
    for (const owner of [kind, kind.prototype]) {
      for (const name of Reflect.ownKeys(owner)) {
        const { value, get } = Object.getOwnPropertyDescriptor(owner, name) ?? {}
        all.set(`${kind.name} ${owner === kind ? 'itself' : 'prototype'} ${String(name)}`, get ?? value)
      }
    }
  }
  return all
}

const before = everybodys()

/** The program in this very process, where what a beacon does to objects can be seen. */
async function startHere(): Promise<{ url: string; output: () => string; stop: () => Promise<void> }> {
  let output = ''
  const log = (line: unknown): void => {
    output += `${JSON.stringify(line)}\n`
  }
  const { app } = await startProgram(memoryStore(), { log })
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    output: () => output,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** Those with names of their own in them. */
const chapters = [...nameChapters, ...jsonChapters, ...batchChapters, ...formChapters, ...dialectChapters]

corpusContract({ runtime: 'node', chapters, isThorough: false }, startHere)

test('nothing that was sent changed what every object has', () => {
  const after = everybodys()
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => !Object.is(before.get(name), after.get(name)),
  )
  expect(changed).toEqual([])
})
