import { connect, type Socket } from 'node:net'

/**
 * Sends beacons at random moments (Poisson), however slowly they are answered, and prints what came of it as JSON.
 *
 *     node test/faults/open-loop.ts <port> <authorization> <requests a second> <seconds> <events per request>
 */

/** What came of it. Times from when a request was due to its answer, in ms. */
export interface OpenLoopResult {
  readonly due: number
  /** How often each status was answered; `none`: the connection ended before, `late`: nothing came at all. */
  readonly answers: Readonly<Record<string, number>>
  /** Of accepted requests. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** Of all others. */
  readonly refusedP99: number
  /** Numbers of requests that were acknowledged. */
  readonly acknowledged: readonly number[]
}

/** Connections that may be open at once; a request that finds none is due until one is free. */
const CONNECTIONS = 2000
/** After the last request was sent, answers may come for so long; ms. */
const PATIENCE_MS = 10_000

interface Connection {
  readonly socket: Socket
  n: number
  due: number
  text: string
}

const [port = 0, authorization = '', perSecond = 1, seconds = 1, events = 1] = process.argv
  .slice(2)
  .map((text, i) => (i === 1 ? text : Number(text))) as [number, string, number, number, number]
const idle: Connection[] = []
const waiting: number[] = []
const answers = new Map<string, number>()
const accepted: number[] = []
const refused: number[] = []
const acknowledged: number[] = []
let open = 0
let sent = 0
let answered = 0

function requestOf(n: number): string {
  const made = Array.from({ length: events }, (_, i) => ({ id: `o${n}.${i}`, page: `/page${(n + i) % 50}` }))
  const body = JSON.stringify(events === 1 ? made[0] : made)
  return `POST /pageviews HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

function note(status: string, connection: Connection): void {
  answers.set(status, (answers.get(status) ?? 0) + 1)
  answered++
  const ms = performance.now() - connection.due
  if (status === '201') acknowledged.push(connection.n)
  ;(status === '201' ? accepted : refused).push(ms)
  connection.due = 0
  connection.text = ''
}

function send(connection: Connection, due: number): void {
  connection.n = sent++
  connection.due = due
  connection.socket.write(requestOf(connection.n))
}

function read(connection: Connection, text: string): void {
  connection.text += text
  const end = connection.text.indexOf('\r\n\r\n')
  const length = Number(/content-length: (\d+)/i.exec(connection.text)?.[1] ?? 0)
  if (end < 0 || connection.text.length < end + 4 + length) return
  note(connection.text.slice(9, 12), connection)
  const next = waiting.shift()
  if (next === undefined) idle.push(connection)
  else send(connection, next)
}

function openFor(due: number): void {
  open++
  const socket = connect(port, '127.0.0.1').setNoDelay().setEncoding('latin1')
  const connection: Connection = { socket, n: -1, due: 0, text: '' }
  socket.on('data', (text) => read(connection, String(text)))
  socket.on('error', () => {})
  socket.on('close', () => {
    open--
    if (connection.due > 0) note('none', connection)
    const at = idle.indexOf(connection)
    if (at >= 0) idle.splice(at, 1)
  })
  send(connection, due)
}

function sendDue(due: number): void {
  const connection = idle.shift()
  if (connection) send(connection, due)
  else if (open < CONNECTIONS) openFor(due)
  else waiting.push(due)
}

function report(): void {
  const at = (times: readonly number[], part: number): number =>
    Math.round(times.toSorted((a, b) => a - b)[Math.floor(times.length * part)] ?? 0)
  const late = sent - answered + waiting.length
  const result: OpenLoopResult = {
    due: sent + waiting.length,
    answers: { ...Object.fromEntries(answers), ...(late > 0 && { late }) },
    ...{ p50: at(accepted, 0.5), p99: at(accepted, 0.99), max: at(accepted, 0.99999) },
    refusedP99: at(refused, 0.99),
    acknowledged,
  }
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
}

const start = performance.now()
let due = start
function look(): void {
  const now = performance.now()
  while (due <= now && due - start < seconds * 1000) {
    sendDue(due)
    due += (-Math.log(1 - Math.random()) * 1000) / perSecond
  }
  const isOver = now - start > seconds * 1000
  if (isOver && (sent === answered || now - start > seconds * 1000 + PATIENCE_MS)) report()
  else setImmediate(look)
}
look()
