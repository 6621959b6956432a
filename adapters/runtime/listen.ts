import cluster from 'node:cluster'
import type { Server } from 'node:http'
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net'

/**
 * Sockets that listen on the port. libuv accepts one connection of each in a turn of the event loop; with a single one
 * new visitors would wait for seconds while a busy server's turns are long.
 */
const SOCKETS = 16

/** A server that listens. */
export interface Listening {
  readonly port: number
  /** Takes no more connections; resolves when those that are open have ended. */
  close(): Promise<void>
}

/** Listens with as many sockets as the platform lets share a port. Rejects with what the platform says, as `EADDRINUSE`. */
export async function listen(server: Server, port: number, host: string): Promise<Listening> {
  const at = { port, host }
  // In a cluster it is the primary that accepts, and it does nothing else.
  if (cluster.isWorker) return listening(server, await bind(server, at), [])
  if (port !== 0) await expectFree(at)
  const first = await bind(server, { ...at, reusePort: true }).catch(() => undefined)
  if (first === undefined) return listening(server, await bind(server, at), [])
  const others = Array.from({ length: SOCKETS - 1 }, () => doorTo(server))
  for (const other of others) await bind(other, { port: first, host, reusePort: true })
  return listening(server, first, others)
}

/** Sockets that share a port would share it with another program's, too. */
async function expectFree(at: ListenAt): Promise<void> {
  const probe = createServer()
  await bind(probe, at)
  await closed(probe)
}

/** What accepts connections for a server of HTTP. */
function doorTo(server: Server): NetServer {
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket: Socket) => {
    server.emit('connection', socket)
  })
}

interface ListenAt {
  readonly port: number
  readonly host: string
  readonly reusePort?: boolean
}

function bind(server: NetServer, at: ListenAt): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(at, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function closed(server: NetServer): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

function listening(server: Server, port: number, others: readonly NetServer[]): Listening {
  return {
    port,
    async close(): Promise<void> {
      await Promise.all([server, ...others].map(closed))
    },
  }
}
