import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'

const timeout = 30_000

/** The DHT of a private network: addresses of its own machine are addresses like others. */
export function kadServices ({ kadProtocol }) {
    return kadProtocol == null
        ? {}
        : { dht: kadDHT({ protocol: kadProtocol, clientMode: false, peerInfoMapper: passthroughMapper, allowQueryWithZeroPeers: true }) }
}

/** @param onAdded hears of each peer that comes into the routing table */
export function reportKad (node, onAdded) {
    node.services.dht?.routingTable.addEventListener('peer:add', ({ detail }) => onAdded(detail))
}

/** Keys are multihashes in base 16. */
export function kadCommands (node) {
    const cid = key => CID.createV1(raw.code, Digest.decode(Uint8Array.from(Buffer.from(key, 'hex'))))
    const describe = ({ id, multiaddrs }) => ({ peer: id.toString(), addresses: multiaddrs.map(String) })

    return {
        kadFindPeer: async ({ peer }) => {
            for await (const event of node.services.dht.findPeer(peerIdFromString(peer), { signal: AbortSignal.timeout(timeout), useCache: false })) {
                if (event.name === 'FINAL_PEER') {
                    return describe(event.peer)
                }
            }
            return {}
        },

        kadProvide: async ({ key }) => {
            await node.contentRouting.provide(cid(key), { signal: AbortSignal.timeout(timeout) })
            return {}
        },

        kadFindProviders: async ({ key }) => {
            const found = []
            for await (const provider of node.contentRouting.findProviders(cid(key), { signal: AbortSignal.timeout(timeout) })) {
                found.push(describe(provider))
            }
            return { found }
        }
    }
}
