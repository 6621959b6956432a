import { type Child, startChild, temporaryFolder } from '../child.ts'
import { chromiumArguments, chromiumCommand } from '../chromium.ts'

/**
 * Chromium as a person has it: pages are opened, brought to the front and closed, and nothing is attached to them.
 * With a debugger no page is prerendered, and a driven one is always seen.
 */
export interface Desk {
  /** Opens a page in a tab of its own, in front of the others unless it is to be behind. */
  open(url: string, how?: { readonly behind: boolean }): Promise<Tab>
  /** Ends every process of the browser at once. */
  kill(): Promise<void>
  stop(): Promise<void>
}

export interface Tab {
  toFront(): Promise<void>
  close(): Promise<void>
}

export async function startDesk(): Promise<Desk> {
  const profile = await temporaryFolder()
  const own = ['--headless=new', '--remote-debugging-port=0', '--ignore-certificate-errors']
  const args = [...chromiumArguments, ...own, `--user-data-dir=${profile.path}`, 'about:blank']
  const child = startChild(chromiumCommand(), args, { HOME: profile.path })
  const [, address = ''] = await child.until(/DevTools listening on (\S+)/)
  const ask = await connect(address)
  return {
    async open(url, { behind } = { behind: false }): Promise<Tab> {
      const { targetId } = await ask('Target.createTarget', { url, background: behind })
      return {
        toFront: async () => void (await ask('Target.activateTarget', { targetId })),
        close: async () => void (await ask('Target.closeTarget', { targetId })),
      }
    },
    async kill(): Promise<void> {
      child.signal('SIGKILL')
      await child.ended
    },
    async stop(): Promise<void> {
      await endOf(child)
      await profile.remove()
    },
  }
}

/** Chromium takes its time to end by itself, and has nothing to lose here. */
async function endOf(child: Child): Promise<void> {
  child.signal('SIGKILL')
  await child.stop()
}

type Ask = (method: string, params: Readonly<Record<string, unknown>>) => Promise<{ targetId: string }>

/** Speaks the DevTools protocol with the browser itself, not with its pages. */
async function connect(address: string): Promise<Ask> {
  const socket = new WebSocket(address)
  const waiting = new Map<number, PromiseWithResolvers<{ targetId: string }>>()
  let last = 0
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error } = JSON.parse(String(data))
    const asked = waiting.get(id)
    waiting.delete(id)
    if (error) asked?.reject(new Error(error.message))
    else asked?.resolve(result)
  })
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  return (method, params) => {
    const answer = Promise.withResolvers<{ targetId: string }>()
    waiting.set(++last, answer)
    socket.send(JSON.stringify({ id: last, method, params }))
    return answer.promise
  }
}
