import { identify, identifyPush } from '@libp2p/identify'
import { mdns } from '@libp2p/mdns'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { preSharedKey } from '@libp2p/pnet'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'

/**
 * A libp2p node.
 *
 * @param options.listen where it listens; absent: on a free port of 127.0.0.1
 * @param options.mdnsService the name of the service by which it finds others with mDNS, everywhere; absent: it does not
 * @param options.swarmKey the text of a swarm.key file; absent: anybody may connect
 * @param options.prologue Noise's prologue in base 16; absent: none
 * @param options.earlyMuxer whether Noise offers multiplexers; absent: it does
 * @param onRefused hears of connections that came to nothing before they were of use
 * @param onDiscovered hears of peers that mDNS finds
 */
export async function createNode (options, onRefused, onDiscovered) {
    const node = await createLibp2p({
        start: false,
        addresses: { listen: [options.listen ?? '/ip4/127.0.0.1/tcp/0'] },
        peerDiscovery: options.mdnsService == null ? [] : [discovery(options.mdnsService, onDiscovered)],
        transports: [tcp()],
        connectionEncrypters: [encrypter(options)],
        streamMuxers: [yamux()],
        connectionProtector: options.swarmKey == null ? undefined : preSharedKey({ psk: new TextEncoder().encode(options.swarmKey) }),
        // All that the tests dial comes from one address.
        connectionManager: { inboundConnectionThreshold: 1000 },
        services: { identify: identify(), identifyPush: identifyPush(), ping: ping() }
    })
    reportRefused(node.components.upgrader, onRefused)
    await node.start()
    return node
}

// libp2p itself tells of a peer only once, however it came to know of it.
function discovery (serviceTag, onDiscovered) {
    const create = mdns({ serviceTag })
    return components => {
        const service = create(components)
        service.addEventListener('peer', ({ detail }) => onDiscovered(detail))
        return service
    }
}

function encrypter ({ prologue, earlyMuxer = true }) {
    const create = noise({ prologueBytes: prologue == null ? undefined : Uint8Array.from(Buffer.from(prologue, 'hex')) })
    return components => earlyMuxer ? create(components) : withoutMuxers(create(components))
}

function withoutMuxers (noise) {
    for (const side of ['secureInbound', 'secureOutbound']) {
        const secure = noise[side].bind(noise)
        noise[side] = (connection, options) => secure(connection, { ...options, skipStreamMuxerNegotiation: true })
    }
    return noise
}

// libp2p only logs why it closed a connection that came in.
function reportRefused (upgrader, onRefused) {
    const upgrade = upgrader.upgradeInbound.bind(upgrader)
    upgrader.upgradeInbound = async (...parameters) => {
        try {
            return await upgrade(...parameters)
        } catch (error) {
            onRefused(error)
            throw error
        }
    }
}
