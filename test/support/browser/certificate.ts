import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Folder, temporaryFolder } from '../child.ts'
import { commandOf } from '../debian-package.ts'

/** An authority of a day, and what it certified for the hosts under `.test`. */
export interface Certificate {
  readonly key: string
  readonly cert: string
  /** Puts the authority into a database of trust (NSS), as Chromium and Firefox have. Throws if there is no certutil. */
  trustIn(database: string): void
  remove(): Promise<void>
}

const HOSTS = ['site.test', 'collect.test', 'other.test']

export async function makeCertificate(): Promise<Certificate> {
  const folder = await temporaryFolder()
  const { at, openssl } = commandsIn(folder)
  const fresh = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '7',
  ]
  openssl(...fresh, '-subj', '/CN=Skerry test authority', '-keyout', at('ca.key'), '-out', at('ca.crt'))
  openssl(
    ...[...fresh, '-subj', '/CN=site.test', '-keyout', at('leaf.key'), '-out', at('leaf.crt')],
    ...['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-addext', `subjectAltName=${HOSTS.map((host) => `DNS:${host}`).join(',')}`],
  )
  return {
    key: readFileSync(at('leaf.key'), 'utf8'),
    cert: readFileSync(at('leaf.crt'), 'utf8'),
    trustIn(database): void {
      const certutil = commandOf('certutil', 'libnss3-tools')
      mkdirSync(database, { recursive: true })
      execFileSync(certutil, ['-N', '-d', `sql:${database}`, '--empty-password'], { stdio: 'pipe' })
      const authority = ['-n', 'skerry-test', '-t', 'C,,', '-i', at('ca.crt')]
      execFileSync(certutil, ['-A', '-d', `sql:${database}`, ...authority], { stdio: 'pipe' })
    },
    remove: () => folder.remove(),
  }
}

function commandsIn(folder: Folder): { at: (name: string) => string; openssl: (...args: string[]) => void } {
  const command = commandOf('openssl', 'openssl')
  return {
    at: (name) => join(folder.path, name),
    openssl: (...args) => void execFileSync(command, args, { stdio: 'pipe' }),
  }
}
