import { readFile, stat, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { settingsDocument } from '../../adapters/cli/settings-text.ts'
import { settingTable } from '../../src/setting-table.ts'
import { readSettings } from '../../src/settings.ts'
import { startChild } from '../support/child.ts'
import { openShell, type Shell } from '../support/cli.ts'

describe('the table of settings', () => {
  test('has every setting that is read, and none else', () => {
    const asked = new Set<string>()
    const environment = new Proxy<Record<string, string | undefined>>(
      {},
      {
        get(_target, name): undefined {
          asked.add(String(name))
          return undefined
        },
      },
    )
    readSettings(environment)
    expect([...asked].sort()).toEqual(settingTable.map(({ name }) => name).sort())
  })

  test('has examples that can be used, and the defaults that hold', () => {
    const examples = Object.fromEntries(settingTable.map(({ name, example }) => [name, example]))
    expect(readSettings(examples)).toMatchObject({ port: 8080, adminKey: examples.SKERRY_KEY })
    const {
      SKERRY_KEY: _made,
      TRUST_PROXY: _nobody,
      ...defaults
    } = Object.fromEntries(settingTable.map(({ name, fallback }) => [name, fallback]))
    expect(readSettings(defaults)).toEqual(readSettings({}))
  })

  test('is what docs/settings.md tells (npm run build:settings)', async () => {
    const document = await readFile(new URL('../../docs/settings.md', import.meta.url), 'utf8')
    expect(document).toBe(settingsDocument())
  })
})

describe('skerry init', () => {
  let shell: Shell
  beforeAll(async () => {
    shell = await openShell({})
  })
  afterAll(() => shell.stop())
  const file = (name: string): string => `${shell.folder.path}/${name}`

  test('writes a file that only its owner can read, and that holds', async () => {
    const words = [
      'init',
      '--set',
      'PORT=0',
      '--set',
      'HOST=127.0.0.1',
      '--set',
      `SKERRY_DATA=${file('my data')}`,
      '--make-key',
    ]
    const done = await shell.run(words)
    expect(done).toMatchObject({ code: 0, out: 'skerry.env\n' })
    expect((await stat(file('skerry.env'))).mode & 0o777).toBe(0o600)
    const text = await readFile(file('skerry.env'), 'utf8')
    const [, key = ''] = /^SKERRY_KEY=(ska_\S{40})$/m.exec(text) ?? []
    expect(done.out + done.err).not.toContain(key)
    for (const { name } of settingTable) expect(text).toMatch(new RegExp(`^(?:# )?${name}=`, 'm'))
    expect((await shell.run(words)).err).toContain('--force')

    const server = startChild(process.execPath, ['bin/skerry.js', 'serve', '--config', file('skerry.env')], {
      SKERRY_DATA: '',
      REDIS_URL: '',
      PORT: '',
      SKERRY_KEY: '',
    })
    const [, url = ''] = await server.until(/listens on (\S+)/)
    expect((await fetch(`${url}/api/collections`, { headers: { Authorization: `Key ${key}` } })).status).toBe(
      200,
    )
    await server.stop()
    expect((await stat(file('my data/skerry.db'))).isFile()).toBe(true)
  })

  test('asks until it can use the answer', async () => {
    const answers = ['http', '8081', '', '', '', 'cloudflare loopback', '']
    const { code, err } = await shell.run(['init', 'asked.env', '--ask'], `${answers.join('\n')}\n`)
    expect(code).toBe(0)
    expect(err).toContain('PORT must be a number')
    const text = await readFile(file('asked.env'), 'utf8')
    expect(text.match(/^[A-Z_]+=.*$/gm)).toEqual(['PORT=8081', "TRUST_PROXY='cloudflare loopback'"])
    expect((await shell.run(['init', 'none.env', '--ask'], '1\n')).code).toBe(1)
  })

  test('refuses what is no setting, or no value of one', async () => {
    expect((await shell.run(['init', 'x.env', '--set', 'SKERRY_DTA=x'])).code).toBe(2)
    expect(await shell.run(['init', 'x.env', '--set', 'PORT=x'])).toMatchObject({
      code: 1,
      err: 'skerry: PORT must be a number from 0 to 65535\n',
    })
    expect((await shell.run(['init', '/proc/x.env', '--set', 'PORT=1'])).code).toBe(1)
  })
})

describe('the settings file', () => {
  test('comes after the environment and options, and its faults are one line', async () => {
    const shell = await openShell({ PORT: '' })
    const path = `${shell.folder.path}/skerry.env`
    const wrong: Readonly<Record<string, string>> = {
      'PORT=http': 'skerry: PORT must be a number from 0 to 65535\n',
      'SKERRY_DTA=x': 'skerry: SKERRY_DTA is no setting (see docs/settings.md)\n',
      'SKERRY_KEY=short': expect.stringMatching(/^skerry: SKERRY_KEY .+\n$/) as string,
    }
    for (const [text, err] of Object.entries(wrong)) {
      await writeFile(path, text)
      for (const words of [['serve'], [], ['collections'], ['doctor']])
        expect(await shell.run(words)).toEqual({ code: 1, out: '', err })
    }
    await writeFile(path, 'PORT=http\nOTHERS_SETTING=1')
    expect((await shell.run(['serve', '--port', '99999'])).err).toContain('PORT must be')
    expect((await shell.run(['serve', '--config', 'missing.env'])).err).toBe(
      'skerry: the settings file missing.env cannot be read: ENOENT\n',
    )
    const child = startChild(
      process.execPath,
      ['bin/skerry.js', 'serve', '--config', path, '--port', '0', '--host', '127.0.0.1'],
      { SKERRY_DATA: shell.folder.path, REDIS_URL: '' },
    )
    await child.until(/listens on http:\/\/127\.0\.0\.1/)
    await child.stop()
    await shell.stop()
  })
})
