import { createHash } from 'node:crypto'
import { receive } from './streams.mjs'

/** What both sides serve under the same names. */
export const protocols = {
    /** Says every byte back; closes when the other side has. */
    echo: '/managedswarm/test/echo/1.0.0',
    /** Reads to the end, and only then answers: `u64be count || SHA-256`. */
    digest: '/managedswarm/test/digest/1.0.0',
    /** Resets the stream at the first byte. */
    reset: '/managedswarm/test/reset/1.0.0'
}

const handlers = { [protocols.echo]: echo, [protocols.digest]: digest, [protocols.reset]: reset }

// libp2p allows 32 streams of a protocol otherwise.
const limits = { maxInboundStreams: 1000, maxOutboundStreams: 1000 }

/**
 * Serves them.
 *
 * @param onEnded hears how each stream ended: `(protocol, peer, error or undefined)`
 */
export async function serve (node, onEnded) {
    for (const [protocol, handler] of Object.entries(handlers)) {
        await node.handle(protocol, async (stream, connection) => {
            const error = await handler(stream).then(() => undefined, error => error)
            onEnded(protocol, connection.remotePeer, error)
        }, limits)
    }
}

async function echo (stream) {
    await receive(stream, data => stream.send(data))
    await stream.close()
}

async function digest (stream) {
    const hash = createHash('sha256')
    let count = 0n
    await receive(stream, data => {
        hash.update(data.subarray())
        count += BigInt(data.byteLength)
    })
    const answer = Buffer.alloc(40)
    answer.writeBigUInt64BE(count)
    hash.digest().copy(answer, 8)
    stream.send(answer)
    await stream.close()
}

async function reset (stream) {
    await receive(stream, () => stream.abort(new Error('as the test asks')))
}
