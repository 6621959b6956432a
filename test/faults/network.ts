import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/**
 * What a network may do. `lost reply`: the connection ends once the server has answered, before the answer is passed
 * on. `reset`: connections are reset as soon as something is sent. `half-close`: what is sent still arrives, but the
 * way back is closed. `black hole`: takes everything, passes nothing, says nothing.
 */
export type NetworkFault = 'lost reply' | 'reset' | 'half-close' | 'black hole'

export const networkFaults: readonly NetworkFault[] = ['lost reply', 'reset', 'half-close', 'black hole']

/** A way to a server that misbehaves when it is told to. */
export interface Network {
  readonly port: number
  /** Undefined: works again, for new connections. Those that a fault met stay as it left them. */
  become(fault: NetworkFault | undefined): void
  stop(): Promise<void>
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
  /** What befell the connection. */
  fault: NetworkFault | undefined
}

/** Passes connections on to a port of this machine. */
export async function startNetwork(port: number): Promise<Network> {
  let fault: NetworkFault | undefined
  const pairs = new Set<Pair>()

  function passOn(pair: Pair, data: Buffer): void {
    pair.fault ??= fault
    if (pair.fault === 'reset') return void pair.client.resetAndDestroy()
    if (pair.fault === 'half-close' && !pair.client.writableEnded) pair.client.end()
    if (pair.fault !== 'black hole') pair.server.write(data)
  }

  function passBack(pair: Pair, data: Buffer): void {
    pair.fault ??= fault
    if (pair.fault === undefined) pair.client.write(data)
    else if (pair.fault === 'lost reply') pair.client.destroy()
  }

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const pair: Pair = { client, server, fault: undefined }
    pairs.add(pair)
    client.on('data', (data) => passOn(pair, data)).on('end', () => server.end())
    server.on('data', (data) => passBack(pair, data))
    server.on('end', () => pair.fault === 'black hole' || client.end())
    const close = (): void => {
      pairs.delete(pair)
      client.destroy()
      server.destroy()
    }
    client.on('close', close).on('error', close)
    // Whoever fell into the hole never learns that the other side is gone.
    const closeUnlessDark = (): unknown => pair.fault === 'black hole' || close()
    server.on('close', closeUnlessDark).on('error', closeUnlessDark)
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  return {
    port: (listener.address() as AddressInfo).port,
    become(next): void {
      fault = next
    },
    async stop(): Promise<void> {
      for (const { client, server } of pairs) {
        client.destroy()
        server.destroy()
      }
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}
