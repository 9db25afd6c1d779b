// Every client that is installed with every other, those of Node and the SDK included.
import { describeMatrix } from '../matrix.contract';
import { NODE_CLIENTS } from '../node-clients';
import { HEAVY_CLIENTS } from './heavy-clients';

const installed = HEAVY_CLIENTS.filter(({ isInstalled }) => isInstalled());

describeMatrix([...NODE_CLIENTS, ...installed.map(({ client }) => client)]);
