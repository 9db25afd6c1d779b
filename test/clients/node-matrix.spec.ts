// The clients of Node and the SDK, each with each; `make test-clients` has those of others too.
import { describeMatrix } from './matrix.contract';
import { NODE_CLIENTS } from './node-clients';

describeMatrix(NODE_CLIENTS);
