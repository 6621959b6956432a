import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Step } from './trace.ts'

/** What was done to a file since it was last synced. */
export type Change =
  | { readonly at: number; readonly bytes: Buffer }
  /** The file was cut to, or filled with zeros up to, a size. */
  | { readonly size: number }

interface File {
  synced: Buffer
  changes: Change[]
  /** With all changes. */
  size: number
}

/** Which of a file's unsynced changes reached the disk before the power went. */
export type Survival = (changes: readonly Change[]) => readonly Change[]

/**
 * A process's folder as POSIX promises it after a power cut: of a file what was there at its last sync, of its name
 * what was there at the folder's. Whatever else was done may have reached the disk, or a part of it.
 */
export interface Disk {
  /** Whether the step has to do with a file of the folder. */
  apply(step: Step): boolean
  /** The file's path, if a descriptor is open on one. */
  pathOf(fd: number): string | undefined
  /** Whether a file has changes that are not synced. */
  isUnsynced(path: string): boolean
  /** Lays down what is left, in a folder. */
  powerCut(into: string, survival: Survival): void
}

type NameStep = Extract<Step, { kind: 'open' | 'unlink' | 'rename' }>

export function diskOf(folder: string): Disk {
  const open = new Map<number, { readonly path: string; readonly file: File }>()
  const folders = new Set<number>()
  const names = new Map<string, File>()
  const syncedNames = new Map<string, File>()

  function openFile({ fd, path, empties }: Step & { kind: 'open' }): void {
    const file = names.get(path) ?? { synced: Buffer.alloc(0), changes: [], size: 0 }
    names.set(path, file)
    open.set(fd, { path, file })
    if (empties) change(file, { size: 0 })
  }

  function syncNames(): void {
    syncedNames.clear()
    for (const [path, file] of names) if (dirname(path) === folder) syncedNames.set(path, file)
  }

  function applyToName(step: NameStep): true {
    if (step.kind === 'unlink') names.delete(step.path)
    else if (step.kind === 'rename') {
      const file = names.get(step.from)
      if (file) names.set(step.to, file)
      names.delete(step.from)
    } else if (step.path === folder) folders.add(step.fd)
    else openFile(step)
    return true
  }

  function applyToDescriptor(step: Exclude<Step, NameStep>): boolean {
    if (folders.has(step.fd)) {
      if (step.kind === 'sync') syncNames()
      if (step.kind === 'close') folders.delete(step.fd)
      return true
    }
    const file = open.get(step.fd)?.file
    if (!file) return false
    if (step.kind === 'write') change(file, { at: step.at ?? file.size, bytes: step.bytes })
    else if (step.kind === 'truncate') change(file, { size: step.size })
    else if (step.kind === 'sync') sync(file)
    else if (step.kind === 'close') open.delete(step.fd)
    return true
  }

  return {
    apply: (step) =>
      step.kind === 'open' || step.kind === 'unlink' || step.kind === 'rename'
        ? applyToName(step)
        : applyToDescriptor(step),
    pathOf: (fd) => open.get(fd)?.path,
    isUnsynced: (path) => (names.get(path)?.changes.length ?? 0) > 0,
    powerCut(into, survival): void {
      mkdirSync(into, { recursive: true })
      for (const [path, { synced, changes }] of syncedNames)
        writeFileSync(join(into, basename(path)), changed(synced, survival(changes)))
    },
  }
}

function change(file: File, one: Change): void {
  file.changes.push(one)
  file.size = 'size' in one ? one.size : Math.max(file.size, one.at + one.bytes.length)
}

function sync(file: File): void {
  file.synced = changed(file.synced, file.changes)
  file.changes = []
}

/** A copy of a file, changed. */
function changed(file: Buffer, changes: readonly Change[]): Buffer {
  if (changes.length === 0) return file
  const ends = changes.map((one) => ('size' in one ? one.size : one.at + one.bytes.length))
  const copy = Buffer.alloc(Math.max(file.length, ...ends))
  file.copy(copy)
  let size = file.length
  for (const one of changes) {
    if ('size' in one) {
      copy.fill(0, one.size, Math.max(size, one.size))
      size = one.size
    } else {
      one.bytes.copy(copy, one.at)
      size = Math.max(size, one.at + one.bytes.length)
    }
  }
  return copy.subarray(0, size)
}

/** Nothing that was not synced. */
export const nothing: Survival = () => []

/** Each change or not, as chance has it. */
export function someOf(random: () => number): Survival {
  return (changes) => changes.filter(() => random() < 0.5)
}

/** The first few changes, and of the one after them a part. */
export function tornAt(random: () => number): Survival {
  return (changes) => {
    const whole = Math.floor(random() * changes.length)
    const torn = changes[whole]
    if (!torn || 'size' in torn) return changes.slice(0, whole)
    const bytes = torn.bytes.subarray(0, Math.floor(random() * torn.bytes.length))
    return [...changes.slice(0, whole), { at: torn.at, bytes }]
  }
}
