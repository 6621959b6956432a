import { parseIp } from '../ip.ts'
import { logTime, readRequest } from './log-request.ts'
import { type LineFormat, unreadable } from './reading.ts'

/** Who asked, when, for what, and what came of it; behind these, in the combined form, where from and with what. */
const LINE =
  /^([^[\]]{1,600}) \[([^\]]{1,40})\] "((?:[^"\\]|\\.)*)" (\d{3}) (?:\d+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?/

/** The common and combined logs of Apache, nginx and many others, with or without the name of the host in front. */
export const accessLog: LineFormat = {
  name: 'log',
  meaning: 'access logs: common, combined, and either with the host in front (vhost)',
  kind: 'lines',
  matches: (line) => LINE.test(line),
  read(line, options) {
    const [, who = '', time = '', request = '', status, referrer, agent = ''] = LINE.exec(line) ?? []
    const [method = '', target = ''] = plainText(request).split(' ')
    if (status === undefined) return unreadable
    const { host, address } = readWho(who)
    return readRequest(
      {
        ...{ time: logTime(time), method, target, status: Number(status), address, host },
        ...{ referrer: referrer && plainText(referrer), agent: plainText(agent) },
      },
      options,
    )
  },
}

/** `host:port address - user`, where host and port may be missing. */
function readWho(who: string): { readonly host: string | undefined; readonly address: string } {
  const [first = '', second = ''] = who.split(' ')
  return parseIp(first) === undefined && parseIp(second) !== undefined
    ? { host: first.replace(/:\d+$/, ''), address: second }
    : { host: undefined, address: first }
}

const ESCAPE = /(?:\\x[0-9a-fA-F]{2})+|\\(.)/g

/** Undoes what servers do to quotes and to bytes beyond ASCII. */
function plainText(text: string): string {
  return text.replaceAll(ESCAPE, (escaped, char: string | undefined) =>
    char === undefined || escaped.length > 2 ? bytesOf(escaped) : char,
  )
}

function bytesOf(text: string): string {
  return new TextDecoder().decode(
    Uint8Array.from(text.split('\\x').slice(1), (hex) => Number.parseInt(hex, 16)),
  )
}
