import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, startChild } from './child.ts'
import { commandOf } from './debian-package.ts'

/** Starts a proxy of Debian's by a page's configuration, with all that it writes in a folder. */
export const proxies = {
  nginx(server: string, folder: string): Child {
    const file = join(folder, 'nginx.conf')
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${folder}/${name};`)
      .join('\n')
    // The temporary folder is of who runs the tests; root's nginx would become somebody else.
    const user = process.getuid?.() === 0 ? 'user root;\n' : ''
    writeFileSync(
      file,
      `${user}daemon off; pid ${folder}/pid; error_log stderr info;\nevents {}\nhttp {\n${paths}\n${server}}\n`,
    )
    return startChild(commandOf('nginx', 'nginx'), ['-c', file, '-p', folder])
  },
  caddy(site: string, folder: string): Child {
    const file = join(folder, 'Caddyfile')
    writeFileSync(file, `{\n\tadmin off\n\tauto_https off\n\tdefault_bind 127.0.0.1\n}\n${site}`)
    const places = { XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, HOME: folder }
    return startChild(
      commandOf('caddy', 'caddy'),
      ['run', '--adapter', 'caddyfile', '--config', file],
      places,
    )
  },
} as const
