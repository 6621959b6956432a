import { connect, type Socket } from 'node:net'
import { type BenchRequest, writeId } from './requests.ts'

/** What was seen of a server for a while. */
export interface Slice<Sample> {
  /** Answers that came within the window, whose length is `ms`. */
  readonly answers: number
  readonly ms: number
  /** Of each request that was due within the window, from then to its answer; ms. */
  readonly latencies: readonly number[]
  /** What was sampled as the window opened and as it closed. */
  readonly samples: readonly [Sample, Sample]
}

export interface SliceOptions<Sample> {
  /** Sending begins so long before the window opens. */
  readonly settleMs: number
  readonly ms: number
  readonly sample: () => Sample
  /** Requests a second at random moments (Poisson), answered or not; undefined: each connection sends once it is answered. */
  readonly rate?: number | undefined
}

/** What was acknowledged so far: all events, and those that a count shows, which leaves engagement out. */
export interface Acknowledged {
  readonly events: number
  readonly counted: number
}

interface Connection {
  readonly socket: Socket
  /** Its own copy of the request, which the kernel may still read from. */
  readonly bytes: Buffer
  request: BenchRequest | undefined
  /** When the request was due. */
  due: number
  /** The beginning of an answer. */
  text: string
}

const PATIENCE_MS = 60_000

/** One buffer for all reads: of an answer nothing but its text is allocated. */
const shared: Buffer = Buffer.alloc(65_536)

/** Senders on kept-alive connections, one request at a time each. An answer other than 201, or none, fails the run. */
export class Load {
  readonly #requests: readonly BenchRequest[]
  #idle: Connection[] = []
  /** When requests were due for which no connection was free. */
  #waiting: number[] = []
  #latencies: number[] = []
  #next = 0
  #acknowledged: Acknowledged = { events: 0, counted: 0 }
  #answers = 0
  #inFlight = 0
  #sending: 'no' | 'closed loop' | 'open loop' = 'no'
  #begin = Infinity
  #end = Infinity
  #isClosed = false
  #fail: (error: Error) => void = () => {}
  #drained: () => void = () => {}

  constructor(requests: readonly BenchRequest[]) {
    this.#requests = requests
  }

  get acknowledged(): Acknowledged {
    return this.#acknowledged
  }

  async open(port: number, connections: number): Promise<this> {
    const size = Math.max(...this.#requests.map(({ bytes }) => bytes.length))
    for (let i = 0; i < connections; i++) this.#idle.push(await this.#connect(port, size))
    return this
  }

  close(): void {
    this.#isClosed = true
    for (const { socket } of this.#idle) socket.destroy()
  }

  async run<Sample>(options: SliceOptions<Sample>): Promise<Slice<Sample>> {
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject
    })
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve
    })
    this.#begin = this.#end = Infinity
    this.#answers = 0
    this.#latencies = []
    this.#start(options.rate)
    await Promise.race([failed, sleep(options.settleMs)])
    const before = options.sample()
    this.#begin = performance.now()
    await Promise.race([failed, sleep(options.ms)])
    this.#end = performance.now()
    const after = options.sample()
    this.#sending = 'no'
    const timer = setTimeout(() => this.#fail(new Error('requests without answer')), PATIENCE_MS)
    if (this.#inFlight > 0) await Promise.race([failed, drained])
    clearTimeout(timer)
    const ms = this.#end - this.#begin
    return { answers: this.#answers, ms, latencies: this.#latencies, samples: [before, after] }
  }

  #start(rate: number | undefined): void {
    this.#sending = rate === undefined ? 'closed loop' : 'open loop'
    if (rate !== undefined) this.#pace(rate)
    else for (const connection of this.#idle.splice(0)) this.#send(connection, performance.now())
  }

  /** Sends what has become due, and looks again as soon as the sockets have been read. */
  #pace(rate: number): void {
    let due = performance.now()
    const look = (): void => {
      if (this.#sending === 'no') return
      const now = performance.now()
      while (due <= now) {
        const connection = this.#idle.shift()
        if (connection) this.#send(connection, due)
        else this.#waiting.push(due)
        due += (-Math.log(1 - Math.random()) * 1000) / rate
      }
      setImmediate(look)
    }
    look()
  }

  #send(connection: Connection, due: number): void {
    const request = this.#requests[this.#next++ % this.#requests.length] as BenchRequest
    request.bytes.copy(connection.bytes)
    for (const at of request.ids) writeId(connection.bytes, at)
    connection.request = request
    connection.due = due
    this.#inFlight++
    connection.socket.write(connection.bytes.subarray(0, request.bytes.length))
  }

  #read(connection: Connection, text: string): void {
    const whole = connection.text + text
    const size = answerSize(whole)
    connection.text = size > whole.length ? whole : ''
    if (size > whole.length) return
    const { request, due } = connection
    if (!whole.startsWith('HTTP/1.1 201 ') || size < whole.length || !request) {
      this.#fail(new Error(`not the answer 201:\n${whole.slice(0, 2000)}`))
      return
    }
    connection.request = undefined
    const { events, counted } = this.#acknowledged
    this.#acknowledged = { events: events + request.ids.length, counted: counted + request.counted }
    this.#inFlight--
    const now = performance.now()
    if (now >= this.#begin && now < this.#end) this.#answers++
    if (due >= this.#begin && due < this.#end) this.#latencies.push(now - due)
    this.#goOn(connection, now)
  }

  #goOn(connection: Connection, now: number): void {
    const due = this.#waiting.length > 0 ? this.#waiting.shift() : undefined
    if (due !== undefined) this.#send(connection, due)
    else if (this.#sending === 'closed loop') this.#send(connection, now)
    else this.#idle.push(connection)
    if (this.#inFlight === 0 && this.#sending === 'no') this.#drained()
  }

  #connect(port: number, size: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const callback = (length: number): boolean => {
        this.#read(connection, shared.toString('latin1', 0, length))
        return true
      }
      const onread = { buffer: shared, callback }
      const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread })
      const connection = { socket, bytes: Buffer.alloc(size), request: undefined, due: 0, text: '' }
      socket.once('connect', () => resolve(connection))
      socket.on('error', reject)
      socket.on('close', () => this.#isClosed || this.#fail(new Error('the server closed a connection')))
    })
  }
}

/** Characters of a whole answer; infinite while its head is not there. */
function answerSize(text: string): number {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return Infinity
  return end + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? Number.NaN)
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
