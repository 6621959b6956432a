import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a container would be started with. */
export interface Image {
  readonly root: string
  readonly workdir: string
  readonly env: Readonly<Record<string, string>>
  readonly user: string | undefined
  readonly command: readonly string[]
  readonly healthcheck: readonly string[]
}

interface Stage {
  readonly root: string
  workdir: string
  env: Record<string, string>
  user: string | undefined
  command: readonly string[]
  healthcheck: readonly string[]
}

/**
 * Follows a Dockerfile step by step in a folder, without an engine: each stage is a folder in place of the root of its
 * filesystem, and this machine's Node stands for the base image. Knows the instructions that ours uses, refuses others.
 */
export function followDockerfile(
  file: string,
  context: string,
  folder: string,
  env: NodeJS.ProcessEnv,
): Image {
  const stages = new Map<string, Stage>()
  let stage: Stage | undefined
  for (const [name, rest] of instructionsOf(file)) {
    if (name === 'FROM') {
      const [, label = `${stages.size}`] = / AS (\w+)$/.exec(rest) ?? []
      const root = join(folder, label)
      mkdirSync(root)
      stage = { root, workdir: '/', env: {}, user: undefined, command: [], healthcheck: [] }
      stages.set(label, stage)
    } else if (stage) follow(stage, name, rest, { stages, context, env })
  }
  if (!stage) throw new Error('no stage')
  return { ...stage, workdir: join(stage.root, stage.workdir) }
}

interface Around {
  readonly stages: ReadonlyMap<string, Stage>
  readonly context: string
  readonly env: NodeJS.ProcessEnv
}

function follow(stage: Stage, name: string, rest: string, { stages, context, env }: Around): void {
  const inside = (path: string): string =>
    join(stage.root, path.startsWith('/') ? path : join(stage.workdir, path))
  switch (name) {
    case 'WORKDIR':
      stage.workdir = rest
      mkdirSync(inside(rest), { recursive: true })
      return
    case 'COPY': {
      const [, from, paths = ''] = /^(?:--from=(\w+) )?(.+)$/.exec(rest) ?? []
      const all = paths.split(' ')
      const target = all.at(-1) ?? ''
      const origin = from === undefined ? context : (stages.get(from)?.root ?? '')
      for (const path of all.slice(0, -1)) {
        const to = target.endsWith('/') ? join(target, path.split('/').at(-1) ?? '') : target
        cpSync(join(origin, path), inside(to), { recursive: true, verbatimSymlinks: true })
      }
      return
    }
    case 'RUN': {
      // A path of the image is one of the folder here, and its user is who runs the tests.
      const command = rest
        .replaceAll(/ (\/\w+)/g, ` ${stage.root}$1`)
        .replaceAll('node:node', '$(id -u):$(id -g)')
      execFileSync('sh', ['-ec', command], { cwd: inside('.'), env, stdio: ['ignore', 'ignore', 'pipe'] })
      return
    }
    case 'ENV': {
      const [key = '', value = ''] = rest.split('=')
      stage.env[key] = value.startsWith('/') ? inside(value) : value
      return
    }
    case 'USER':
      stage.user = rest
      return
    case 'CMD':
      stage.command = JSON.parse(rest) as string[]
      return
    case 'HEALTHCHECK':
      stage.healthcheck = JSON.parse(rest.slice(rest.indexOf('CMD') + 4)) as string[]
      return
    case 'EXPOSE':
    case 'VOLUME':
      return
    default:
      throw new Error(`cannot follow ${name}`)
  }
}

function instructionsOf(file: string): readonly (readonly [name: string, rest: string])[] {
  return readFileSync(file, 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)])
}
