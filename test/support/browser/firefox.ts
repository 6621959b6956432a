import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Child, startChild, temporaryFolder } from '../child.ts'
import { commandOf } from '../debian-package.ts'
import type { Certificate } from './certificate.ts'

/** As a user has it, but for what would reach out into the world or ask questions at the first start. */
const quiet = {
  'network.dns.localDomains': 'site.test,collect.test,other.test',
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.healthreport.uploadEnabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'https://site.test/nothing',
  'toolkit.telemetry.enabled': false,
} as const

export interface Firefox {
  readonly child: Child
  stop(): Promise<void>
}

/** Debian's Firefox on a page that does by itself what is to be seen: no driver, no remote control. */
export async function startFirefox(
  url: string,
  certificate: Certificate,
  settings: Readonly<Record<string, string | boolean | number>> = {},
): Promise<Firefox> {
  const command = commandOf('firefox-esr', 'firefox-esr')
  const profile = await temporaryFolder()
  const lines = Object.entries({ ...quiet, ...settings }).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  )
  await writeFile(join(profile.path, 'user.js'), lines.join(''))
  certificate.trustIn(profile.path)
  const env = { HOME: profile.path, MOZ_CRASHREPORTER_DISABLE: '1' }
  const child = startChild(command, ['--headless', '--no-remote', '--profile', profile.path, url], env)
  return {
    child,
    async stop(): Promise<void> {
      await child.stop()
      await profile.remove()
    },
  }
}
