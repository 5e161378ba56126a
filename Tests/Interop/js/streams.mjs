// What a node says by one stream at a time. libp2p's streams are event targets: 'message' brings bytes, 'end' says that no more will come.

/** Sends bytes piece by piece, as the other side takes them. */
export async function send (stream, bytes, signal) {
    const piece = 64 * 1024
    for (let start = 0; start < bytes.length; start += piece) {
        if (!stream.send(bytes.subarray(start, start + piece))) {
            await stream.onDrain({ signal })
        }
    }
}

/**
 * Hears a stream to its end. Call it before anything is awaited, or early bytes wait.
 *
 * @param onData takes each piece, a Uint8Array or Uint8ArrayList
 * @returns fails when the stream is reset, by whomever
 */
export function receive (stream, onData, signal) {
    return new Promise((resolve, reject) => {
        const kind = () => stream.status === 'aborted' ? 'StreamAbortError' : 'StreamResetError'
        const failed = error => reject(error ?? named(kind(), `the stream is ${stream.status}`))
        const ended = () => ['reset', 'aborted'].includes(stream.status) ? failed() : resolve()
        signal?.addEventListener('abort', () => failed(signal.reason))
        stream.addEventListener('end', ended)
        stream.addEventListener('close', event => event.error == null ? ended() : failed(event.error))
        stream.addEventListener('message', event => onData(event.data))
        if (stream.readableEnded) {
            ended()
        }
    })
}

/** Bytes that say where they are, so that none can be lost, doubled or swapped unseen. */
export function pattern (length, seed) {
    const bytes = new Uint8Array(length)
    let state = (seed ^ 0x9e3779b9) >>> 0
    for (let i = 0; i < length; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0
        bytes[i] = state >>> 24
    }
    return bytes
}

/** An error with a name of its own. */
export function named (name, message) {
    return Object.assign(new Error(message), { name })
}
