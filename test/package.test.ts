import { execFile, execFileSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Child, type Folder, freePort, startChild, temporaryFolder } from './support/child.ts'
import { ADMIN_KEY } from './support/server.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const modules = `${root}node_modules`
const headers = { Authorization: `Key ${ADMIN_KEY}` }

/** Commands find the Node that runs the tests first. */
const env = {
  ...process.env,
  PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
  NO_COLOR: '1',
  WRANGLER_SEND_METRICS: 'false',
  CI: '1',
}

/** The package as a user has it: packed, and installed in a folder of its own. */
let folder: Folder
let tarball: string

async function run(command: string, ...args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(command, args, { cwd: folder.path, env, encoding: 'utf8' })).stdout
}

beforeAll(async () => {
  folder = await temporaryFolder()
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder.path], {
    cwd: root,
    env,
  })
  const [{ filename }] = JSON.parse(packed.toString().replace(/^[^[]*/, ''))
  tarball = join(folder.path, filename)
  const { dependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
  const own = { '@hono/node-server': dependencies['@hono/node-server'], hono: dependencies.hono }
  const wanted = { name: 'host', private: true, type: 'module', dependencies: { ...own, skerry: tarball } }
  writeFileSync(join(folder.path, 'package.json'), JSON.stringify(wanted))
  await run('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts')
}, 240_000)
afterAll(() => folder?.remove())

/** Starts a program of the folder that says where it listens. */
async function start(
  command: string,
  args: readonly string[],
  settings: NodeJS.ProcessEnv = {},
): Promise<{ child: Child; url: string }> {
  const quoted = [command, ...args].map((part) => `'${part}'`).join(' ')
  const child = startChild('sh', ['-c', `cd '${folder.path}' && exec ${quoted}`], {
    ...env,
    ...{ PORT: '0', HOST: '127.0.0.1', SKERRY_KEY: ADMIN_KEY, REDIS_URL: '', DEBUG: '' },
    SKERRY_DATA: join(folder.path, 'data', String(Math.random())),
    ...settings,
  })
  const [, url = ''] = await child.until(/listens on (\S+)/)
  return { child, url }
}

async function expectToCount(url: string): Promise<void> {
  const sent = await fetch(`${url}/pageviews`, {
    method: 'POST',
    headers,
    body: '{"page":"/hello","source":"x"}',
  })
  expect(sent.status).toBe(201)
  expect(await (await fetch(`${url}/pageviews/count`, { headers })).json()).toEqual({ count: 1 })
}

describe('the package', () => {
  test('has what its manifest says, for every way to resolve it', async () => {
    expect(
      await run(process.execPath, `${modules}/publint/src/cli.js`, 'run', tarball, '--strict'),
    ).toContain('All good!')
    const attw = `${modules}/@arethetypeswrong/cli/dist/index.js`
    await run(process.execPath, attw, tarball, '--profile', 'esm-only')
  })

  test('has no TypeScript to run, no test and no tool', async () => {
    const names = execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' }).trim().split('\n')
    const odd = names.filter(
      (name) =>
        !/^package\/(?:bin\/|docs\/|dist\/package\/|package\.json|README\.md|CHANGELOG\.md|LICENSE$)/.test(
          name,
        ),
    )
    expect(odd).toEqual([])
    expect(names.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))).toEqual([])
    expect(names.filter((name) => /\/(?:test|bench|lists)\//.test(name))).toEqual([])
  })

  test('tells its version and its commands', async () => {
    const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
    expect((await run('npx', '--no-install', 'skerry', '--version')).trim()).toBe(version)
    expect(await run('npx', '--no-install', 'skerry', 'help')).toContain('serve')
  })

  test('runs by npx, counts, knows its lists and ends when it is told to', async () => {
    const { child, url } = await start('npx', ['--no-install', 'skerry', 'serve'])
    await expectToCount(url)
    const script = `
      import { skerry } from 'skerry/client'
      const client = skerry({ url: '${url}', key: '${ADMIN_KEY}' })
      console.log(await client.count('pageviews'))`
    expect(await run(process.execPath, '--input-type=module', '--eval', script)).toBe('1\n')
    const [, key = ''] = await child.until(/write key of pageviews \(public\): (\S+)/)
    const spam = await fetch(`${url}/pageviews?key=${key}`, {
      method: 'POST',
      headers: { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0' },
      body: '{"page":"/","referrer":"https://semalt.com/"}',
    })
    expect(spam.headers.get('Skerry-Refused')).toBe('spam')
    await child.stop()
    expect(child.output()).not.toMatch(/Error|ExperimentalWarning/)
  })

  test('gives types to who compiles against it', async () => {
    cpSync(`${root}examples/embed`, join(folder.path, 'embed'), { recursive: true })
    const options = {
      ...{ noEmit: true, strict: true, target: 'ES2024', module: 'NodeNext', lib: ['ES2024', 'DOM'] },
      ...{ skipLibCheck: true, allowImportingTsExtensions: true, exactOptionalPropertyTypes: true },
      ...{ types: ['node'], typeRoots: [`${modules}/@types`] },
    }
    writeFileSync(
      join(folder.path, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, include: ['embed'] }),
    )
    await run(process.execPath, `${modules}/typescript/bin/tsc`)
  })

  test('has the tracker for bundles, with types, and nothing of it runs before it is called', async () => {
    const text = `
      import { track } from 'skerry/tracker'
      track({ url: 'https://collect.example/', collection: 'pageviews', key: 'skw_1' })
      window.skerry?.('signup', { plan: 'pro' }, { amount: '9.90', currency: 'EUR' })
      // @ts-expect-error: a write key is needed
      export const wrong = () => track({ collection: 'pageviews' })\n`
    writeFileSync(join(folder.path, 'page.ts'), text)
    const options = ['--noEmit', '--strict', '--lib', 'ES2024,DOM,DOM.Iterable', '--types', '']
    const modern = ['--target', 'ES2024', '--module', 'ESNext', '--moduleResolution', 'bundler']
    const tsc = `${modules}/typescript/bin/tsc`
    await run(process.execPath, tsc, ...options, ...modern, '--ignoreConfig', 'page.ts')

    const { output } = await build({
      input: join(folder.path, 'page.ts'),
      ...{ platform: 'browser', write: false, output: { format: 'esm' } },
      onLog(_level, log): void {
        throw new Error(log.message)
      },
    })
    expect(output).toHaveLength(1)
    expect(output[0].code).toContain('outbox.js')
    const script = "const { track } = await import('skerry/tracker'); console.log(typeof track)"
    expect(await run(process.execPath, '--input-type=module', '--eval', script)).toBe('function\n')
  })

  test('lives in another program, which is told of each request', async () => {
    cpSync(`${root}examples/embed`, join(folder.path, 'embed'), { recursive: true })
    const port = await freePort()
    const { child, url } = await start('node', ['embed/server.ts'], { PORT: String(port) })
    expect(await (await fetch(url)).text()).toContain('own page')
    await expectToCount(`${url}/stats`)
    const whoami = await (await fetch(`${url}/stats/api/whoami`)).json()
    expect(whoami).toMatchObject({ address: '127.0.0.1', by: 'socket' })
    const [trace, span] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7']
    await fetch(`${url}/stats/pageviews/count`, {
      headers: { ...headers, traceparent: `00-${trace}-${span}-01` },
    })
    const [line] = await child.until(/\{"traceId":"4bf92f.*\}/)
    expect(JSON.parse(line)).toMatchObject({
      traceId: trace,
      parentSpanId: span,
      name: 'GET /:collection/count',
      attributes: { 'http.response.status_code': 200, 'skerry.collection': 'pageviews' },
    })
    child.signal('SIGTERM')
    expect(await child.ended).toBe(0)
  })

  test('is a Worker, for a project that has nothing else', async () => {
    writeFileSync(
      join(folder.path, 'worker.js'),
      "export { CollectionObject, DirectoryObject, default } from 'skerry/cloudflare'\n",
    )
    const config = readFileSync(`${root}wrangler.toml`, 'utf8')
      .replace('adapters/runtime/cloudflare.ts', 'worker.js')
      .replace('directory = "assets"', 'directory = "node_modules/skerry/dist/package/assets"')
    writeFileSync(join(folder.path, 'wrangler.toml'), config)
    const wrangler = `${modules}/wrangler/bin/wrangler.js`
    const output = await run(process.execPath, wrangler, 'deploy', '--dry-run', '--outdir', 'uploaded')
    expect(output).toContain('--dry-run: exiting now')
    expect(readFileSync(join(folder.path, 'uploaded/worker.js'), 'utf8')).not.toMatch(/["']node:/)
  })
})
