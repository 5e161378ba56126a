// Two of these peers with each other: shows that they work, without the code under test. Run `npm run check`.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'

class Peer {
    #process = spawn(process.execPath, ['peer.mjs'], { stdio: ['pipe', 'pipe', 'inherit'] })
    #waiting = new Map()
    events = []

    constructor () {
        createInterface({ input: this.#process.stdout }).on('line', line => {
            const message = JSON.parse(line)
            message.event ? this.events.push(message) : this.#waiting.get(message.id)(message)
        })
    }

    do (name, parameters = {}) {
        const id = this.#waiting.size + 1
        const answer = new Promise(resolve => this.#waiting.set(id, ({ ok, error }) => resolve(ok ?? error)))
        this.#process.stdin.write(`${JSON.stringify({ id, do: name, ...parameters })}\n`)
        return answer
    }

    end () {
        this.#process.stdin.end()
    }
}

const key = () => `/key/swarm/psk/1.0.0/\n/base16/\n${randomBytes(32).toString('hex')}\n`

async function meet (title, one, other, act) {
    const [a, b] = [new Peer(), new Peer()]
    try {
        const { addresses: [address], peer } = (await Promise.all([a.do('start', one), b.do('start', other)]))[0]
        console.log(`--- ${title}`)
        console.log('dial', await b.do('dial', { address }))
        await act?.(b, peer, a)
        await new Promise(resolve => setTimeout(resolve, 100))
        console.log('identified', a.events.find(({ event }) => event === 'identified'))
        console.log('events', new Set(a.events.map(({ event, error }) => error ? `${event} (${error.name}: ${error.message})` : event)))
    } finally {
        a.end()
        b.end()
    }
}

const all = most => async (peer, other) => {
    console.log('ping', await peer.do('ping', { peer: other }))
    for (const bytes of [1, 16384, 1 << 20, 16 << 20].filter(bytes => bytes <= most)) {
        console.log('echo', await peer.do('echo', { peer: other, bytes }))
    }
    console.log('200 streams', await peer.do('echo', { peer: other, bytes: 1000, streams: 200 }))
    console.log('half-close', await peer.do('halfClose', { peer: other, bytes: 100000 }))
    console.log('reset', await peer.do('reset', { peer: other }))
    console.log('reset by the other', await peer.do('awaitReset', { peer: other }))
    console.log('unknown protocol', await peer.do('openUnknown', { peer: other, protocol: '/nothing' }))
    console.log('close', await peer.do('close', { peer: other }))
}

const swarmKey = key()
await meet('no key', {}, {}, all(16 << 20))
await meet('key and prologue', { swarmKey, prologue: '0102' }, { swarmKey, prologue: '0102' }, all(1 << 20))
await meet('no early muxer at one side', { earlyMuxer: false }, {}, all(1))
await meet('no early muxer at the other side', {}, { earlyMuxer: false }, all(1))
await meet('other keys', { swarmKey }, { swarmKey: key() })
await meet('a key at one side', { swarmKey }, {})
await meet('other prologues', { prologue: '0102' }, { prologue: '0103' })
