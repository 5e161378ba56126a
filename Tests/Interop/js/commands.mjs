import { createHash } from 'node:crypto'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { kadCommands } from './kad.mjs'
import { protocols } from './protocols.mjs'
import { named, pattern, receive, send } from './streams.mjs'

const streamTimeout = 60_000

/** What a node is told to do: each takes its parameters and returns what it found. */
export function createCommands (node) {
    const connectionTo = peer => {
        const connection = node.getConnections(peerIdFromString(peer)).find(connection => connection.status === 'open')
        return connection ?? fail('NotConnectedError', `there is no connection to ${peer}`)
    }
    const open = (peer, protocol, signal) => connectionTo(peer).newStream(protocol, { signal, maxOutboundStreams: 1000 })

    return {
        ...kadCommands(node),

        dial: async ({ address }) => {
            const connection = await node.dial(multiaddr(address))
            return { peer: connection.remotePeer.toString(), multiplexer: connection.multiplexer, encryption: connection.encryption }
        },

        ping: async ({ peer }) => ({ milliseconds: await node.services.ping.ping(peerIdFromString(peer)) }),

        // Opens all streams before anything is said by one, so that all are open at once.
        echo: async ({ peer, bytes, streams = 1 }) => {
            const signal = AbortSignal.timeout(streamTimeout)
            const opened = await Promise.all(Array.from({ length: streams }, () => open(peer, protocols.echo, signal)))
            await Promise.all(opened.map((stream, seed) => echo(stream, pattern(bytes, seed), signal)))
            return { streams, bytes }
        },

        // Closes its direction, and only then hears the answer.
        halfClose: async ({ peer, bytes }) => {
            const signal = AbortSignal.timeout(streamTimeout)
            const sent = pattern(bytes, 1)
            const answer = await exchange(await open(peer, protocols.digest, signal), sent, signal)
            check(answer, Buffer.concat([bigEndian(bytes), createHash('sha256').update(sent).digest()]))
            return { bytes }
        },

        // Resets a stream that is in use.
        reset: async ({ peer }) => {
            const signal = AbortSignal.timeout(streamTimeout)
            const stream = await open(peer, protocols.echo, signal)
            await new Promise((resolve, reject) => {
                receive(stream, resolve, signal).catch(reject)
                stream.send(pattern(1, 1))
            })
            stream.abort(new Error('as the test asks'))
            return { status: stream.status }
        },

        // Uses a stream until the other side resets it.
        awaitReset: async ({ peer }) => {
            const signal = AbortSignal.timeout(streamTimeout)
            const stream = await open(peer, protocols.reset, signal)
            const end = receive(stream, () => {}, signal)
            stream.send(pattern(1, 1))
            const error = await end.then(() => fail('NoResetError', 'the stream ended without a reset'), error => error)
            return { error: error.name, status: stream.status }
        },

        openUnknown: async ({ peer, protocol }) => {
            await open(peer, protocol, AbortSignal.timeout(streamTimeout))
            return {}
        },

        subscribe: async ({ topic }) => {
            node.services.gossip.subscribe(topic)
            return {}
        },

        unsubscribe: async ({ topic }) => {
            node.services.gossip.unsubscribe(topic)
            return {}
        },

        // Data is base 64.
        publish: async ({ topic, data }) => {
            const { recipients } = await node.services.gossip.publish(topic, Buffer.from(data, 'base64'))
            return { recipients: recipients.map(String) }
        },

        neighbours: async ({ topic }) => ({ peers: node.services.gossip.getMeshPeers(topic) }),

        subscribers: async ({ topic }) => ({ peers: node.services.gossip.getSubscribers(topic).map(String) }),

        close: async ({ peer }) => {
            await connectionTo(peer).close()
            return {}
        }
    }
}

async function echo (stream, bytes, signal) {
    check(await exchange(stream, bytes, signal), bytes)
}

/** Says bytes, closes its direction, hears the other to its end. */
async function exchange (stream, bytes, signal) {
    const pieces = []
    const end = receive(stream, data => pieces.push(data.subarray()), signal)
    const said = send(stream, bytes, signal).then(() => stream.close({ signal }))
    await Promise.all([said, end])
    return Buffer.concat(pieces)
}

function check (received, expected) {
    if (Buffer.compare(received, expected) !== 0) {
        fail('WrongBytesError', `${received.length} bytes came, ${expected.length} were expected, and they differ`)
    }
}

function bigEndian (count) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64BE(BigInt(count))
    return bytes
}

function fail (name, message) {
    throw named(name, message)
}
