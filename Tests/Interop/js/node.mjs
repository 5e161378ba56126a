import { gossipsub } from '@libp2p/gossipsub'
import { identify, identifyPush } from '@libp2p/identify'
import { mdns } from '@libp2p/mdns'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { preSharedKey } from '@libp2p/pnet'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { kadServices } from './kad.mjs'

/**
 * A libp2p node.
 *
 * @param options.listen where it listens; absent: on a free port of 127.0.0.1
 * @param options.mdnsService the name of the service by which it finds others with mDNS, everywhere; absent: it does not
 * @param options.swarmKey the text of a swarm.key file; absent: anybody may connect
 * @param options.prologue Noise's prologue in base 16; absent: none
 * @param options.earlyMuxer whether Noise offers multiplexers; absent: it does
 * @param options.gossip the sizes of gossipsub's meshes: `{ D, Dlo, Dhi }`; absent: it does not speak gossipsub
 * @param options.kadProtocol the protocol id of the DHT that it serves; absent: none
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
        services: { identify: identify(), identifyPush: identifyPush(), ping: ping(), ...gossip(options), ...kadServices(options) }
    })
    reportRefused(node.components.upgrader, onRefused)
    await node.start()
    return node
}

// Own messages go to neighbours only, so that others must ask for them.
function gossip ({ gossip: sizes }) {
    return sizes == null ? {} : { gossip: gossipsub({ ...sizes, floodPublish: false, allowPublishToZeroTopicPeers: true }) }
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
