import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Process, startProcess } from './process.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SETTINGS = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8')
const COMPATIBILITY_DATE = /^compatibility_date = "(.*)"$/m.exec(SETTINGS)?.[1]

/** A Worker as workerd takes it. */
export interface WorkerKind {
  /** Where its module is. */
  readonly file: string
  /** Classes of its objects by their bindings' names. */
  readonly objects?: Readonly<Record<string, string>>
  readonly texts?: Readonly<Record<string, string>>
  /** A folder whose files the binding ASSETS serves. */
  readonly assets?: string
}

/** A rival's file without its types. */
export function stripWorker(name: string, folder: string): string {
  const file = join(folder, `${name}.js`)
  const code = readFileSync(new URL(`rivals/${name}.ts`, import.meta.url), 'utf8')
  writeFileSync(file, stripTypeScriptTypes(code))
  return file
}

/** workerd itself on this port, without wrangler's proxy before it; objects are kept in the folder. */
export function startWorkerd(kind: WorkerKind, folder: string, port: number): Process {
  const storage = join(folder, 'objects')
  mkdirSync(storage, { recursive: true })
  const config = join(folder, 'workerd.capnp')
  writeFileSync(config, configOf({ ...kind, file: relative(folder, kind.file) }, storage, port))
  return startProcess(join(ROOT, 'node_modules/workerd/bin/workerd'), ['serve', config])
}

export function configOf(
  { file, objects = {}, texts = {}, assets }: WorkerKind,
  storage: string,
  port: number,
): string {
  const text = JSON.stringify
  const services = [
    '(name = "worker", worker = .worker)',
    '(name = "internet", network = (allow = ["private"]))',
    `(name = "storage", disk = (path = ${text(storage)}, writable = true))`,
    ...(assets ? [`(name = "assets", disk = (path = ${text(assets)}))`] : []),
  ]
  const bindings = [
    ...Object.entries(texts).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`),
    ...Object.entries(objects).map(
      ([name, of]) => `(name = ${text(name)}, durableObjectNamespace = ${text(of)})`,
    ),
    ...(assets ? ['(name = "ASSETS", service = "assets")'] : []),
  ]
  const namespaces = Object.values(objects).map(
    (of) => `(className = ${text(of)}, uniqueKey = ${text(of)}, enableSql = true)`,
  )
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${services.join(', ')}],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "worker")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed ${text(file)})],
  compatibilityDate = ${text(COMPATIBILITY_DATE)},
  compatibilityFlags = ["no_nodejs_compat", "no_nodejs_compat_v2"],
  bindings = [${bindings.join(', ')}],
  durableObjectNamespaces = [${namespaces.join(', ')}],
  durableObjectStorage = (localDisk = "storage"),
);
`
}
